/*
 * Checks that better classes go first. It uses events that were acknowledged while the consumer was slow and there was
 * a backlog, so that the order determined their waits. Single events may overtake each other, since batches run in
 * parallel, so the check compares medians.
 */
export interface Wait {
  readonly priority: number
  readonly waitedMs: number
}

const CLASSES = ['critical', 'normal', 'low'] as const

/** The check needs this many events of each class. */
const FEWEST = 20
/** There was a backlog if the events of the worst class waited this long. */
const BACKLOG_MS = 1_500
/** A better class waits at most this share of the wait of the worst class. */
const MOST_SHARE: Readonly<Record<'critical' | 'normal', number>> = { critical: 0.5, normal: 1 }

/** Returns faults in the order of the classes; none without a backlog, which would not show the order. */
export function orderProblems (waits: readonly Wait[]): string[] {
  const medians = new Map(CLASSES.flatMap((name) => {
    const own = waits
      .filter(({ priority }) => classOf(priority) === name)
      .map(({ waitedMs }) => waitedMs)
      .toSorted((a, b) => a - b)
    return own.length < FEWEST ? [] : [[name, own[Math.floor(own.length / 2)] as number] as const]
  }))
  const { critical, normal, low } = Object.fromEntries(medians)
  const longest = Math.max(...medians.values())
  if (medians.size < 2 || longest < BACKLOG_MS) return []
  const worst = low ?? normal as number
  return [
    ...(critical === undefined || critical <= worst * MOST_SHARE.critical
      ? []
      : [`half of the critical events waited ${critical} ms or more, of the worst class ${worst} ms`]),
    ...(normal === undefined || low === undefined || normal <= low * MOST_SHARE.normal
      ? []
      : [`half of the normal events waited ${normal} ms or more, of the low ones ${low} ms`])
  ]
}

/** Whether a backlog was long enough to show the order. */
export function showsOrder (waits: readonly Wait[]): boolean {
  return waits.filter(({ waitedMs }) => waitedMs >= BACKLOG_MS).length >= FEWEST
}

export function classOf (priority: number): typeof CLASSES[number] {
  return priority === 1 ? 'critical' : priority <= 5 ? 'normal' : 'low'
}

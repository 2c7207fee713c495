/*
 * Do better classes go first? Asked of events that were acknowledged while the consumer was slow and a backlog stood,
 * so that the order decided how long each waited. Single events may overtake each other (batches run side by side), so
 * medians are compared.
 */
export interface Wait {
  readonly priority: number
  readonly waitedMs: number
}

const CLASSES = ['critical', 'normal', 'low'] as const

/** With fewer events of a class nothing is concluded. */
const FEWEST = 20
/** There was a backlog when the events of the worst class waited this long. */
const BACKLOG_MS = 1_500
/** A better class waits at most this share of what the worst waits. */
const MOST_SHARE: Readonly<Record<'critical' | 'normal', number>> = { critical: 0.5, normal: 1 }

/** Finds faults in the order in which classes were served; nothing when there was no backlog to tell it by. */
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

/** Whether there was a backlog long enough to tell the order by. */
export function showsOrder (waits: readonly Wait[]): boolean {
  return waits.filter(({ waitedMs }) => waitedMs >= BACKLOG_MS).length >= FEWEST
}

export function classOf (priority: number): typeof CLASSES[number] {
  return priority === 1 ? 'critical' : priority <= 5 ? 'normal' : 'low'
}

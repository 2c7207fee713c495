import { table } from '../../rig/table.ts'
import type { Comparison, Difference } from '../against.ts'
import { DIMENSIONS, type Dimension } from '../measure/who.ts'

/** Rows of a table on a terminal; the JSON has all of them. */
const MOST_ROWS = 20
const NO_NAME = '(none)'

const whole = (events: number) => Math.round(events).toLocaleString('en')
const seconds = (ms: number) => (ms / 1_000).toFixed(ms < 10_000 ? 2 : 0)
const reasonsOf = (shedBy: Readonly<Record<string, number>>) =>
  Object.entries(shedBy).toSorted(([, a], [, b]) => b - a).map(([reason, events]) => `${reason} ${whole(events)}`)
    .join(', ') || '-'

/** Fates that have columns only if some event has them. */
const RARE = [['sampled out', 'sampledOut'], ['expired', 'expired']] as const

/** The head and the rows of a table of who is shed. */
export function whoRows (dimension: Dimension, differences: readonly Difference[]): readonly (readonly string[])[] {
  const rare = RARE.filter(([, fate]) => differences.some(({ before, after }) => before[fate] + after[fate] > 0))
  const head = [
    dimension, 'offered', 'refused then', 'shed in force', 'proposed', 'change',
    ...rare.flatMap(([title]) => [`${title} in force`, 'proposed']),
    'p99 wait s: in force', 'proposed', 'why in force', 'why proposed'
  ]
  return [head, ...differences.slice(0, MOST_ROWS).map(({ name, offered, refusedThen, before, after }) => [
    name ?? NO_NAME,
    whole(offered),
    whole(refusedThen),
    whole(before.shed),
    whole(after.shed),
    `${after.shed > before.shed ? '+' : ''}${whole(after.shed - before.shed)}`,
    ...rare.flatMap(([, fate]) => [whole(before[fate]), whole(after[fate])]),
    seconds(before.waitMs.p99),
    seconds(after.waitMs.p99),
    reasonsOf(before.shedBy),
    reasonsOf(after.shedBy)
  ])]
}

/** Lays out for a terminal what changes, and who is shed otherwise. */
export function whoReport ({ changes, who }: Comparison): string {
  const lines = changes.map(({ field, from, to }) => `${field}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`)
  const tables = DIMENSIONS.map((dimension) => {
    const [head, ...rows] = whoRows(dimension, who[dimension])
    const left = who[dimension].length - rows.length
    return table(head!, rows) + (left > 0 ? `\n${left} more in --json` : '')
  })
  return [lines.length === 0 ? 'the proposed settings are those in force' : lines.join('\n'), ...tables].join('\n\n')
}

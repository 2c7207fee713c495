import { printable } from '../../services/terminal/printable.ts'
import { rate } from '../paint.ts'

/** An organization as the service shows it. */
export interface Organization {
  readonly organizationId: string
  readonly offeredPerSecond: number
  readonly admittedPerSecond: number
  readonly refusedPerSecond: Readonly<Record<string, number>>
  readonly queued: number
  readonly weight: number
  readonly share: number | null
  readonly quota: { readonly eventsPerSecond?: number, readonly bytesPerSecond?: number } | null
  readonly ledger: Ledger | null
}

interface Ledger extends Readonly<Record<string, unknown>> {
  readonly since: string
  readonly bookedAt: string
  readonly received: number
  readonly queue: Readonly<Record<string, number>>
}

const HEAD = [
  'organization', 'offered/s', 'admitted/s', 'refused/s', 'in queue', 'weight', 'share/s', 'quota/s', 'of quota',
  'refused for'
]

const CAUSES: Readonly<Record<string, string>> = {
  load: 'load',
  fairShare: 'above its share',
  deadline: 'deadline',
  quota: 'quota',
  forbidden: 'no right',
  invalid: 'invalid'
}

/** Lays organizations out in columns; the last one has no fixed width. */
export function organizationTable (organizations: readonly Organization[]): string {
  const rows = [HEAD, ...organizations.map((organization) => cellsOf(organization).map((cell) => printable(cell, ' ')))]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  return rows.map((row) => row.map((cell, column) => {
    const width = widths[column] as number
    return column === 0 ? cell.padEnd(width) : column === HEAD.length - 1 ? cell : cell.padStart(width)
  }).join('  ').trimEnd()).join('\n')
}

/** Shows the figures and the statement of one organization, a fact in a line. */
export function organizationText (organization: Organization): string {
  const { ledger } = organization
  const figures = HEAD.map((name, column): [string, string] => [name, cellsOf(organization)[column] as string])
  const facts = ledger === null ? [['statement', 'none: it posts too little']] : [
    ['statement', `from ${ledger.since} to ${ledger.bookedAt}`],
    ...Object.entries({ ...ledger, ...ledger.queue })
      .filter((fact): fact is [string, number] => typeof fact[1] === 'number')
      .map(([name, events]) => [`  ${wordsOf(name)}`, rate(events)])
  ] as [string, string][]
  const lines = [...figures, ...facts] as [string, string][]
  const width = Math.max(...lines.map(([name]) => name.length))
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${printable(value, ' ')}`.trimEnd()).join('\n')
}

function cellsOf (
  { organizationId, offeredPerSecond, admittedPerSecond, refusedPerSecond, queued, weight, share, quota }: Organization
): string[] {
  const causes = Object.entries(refusedPerSecond)
    .filter(([, each]) => each > 0)
    .toSorted(([, one], [, other]) => other - one)
  return [
    organizationId === '' ? '(no name)' : organizationId,
    rate(offeredPerSecond),
    rate(admittedPerSecond),
    rate(causes.reduce((sum, [, each]) => sum + each, 0)),
    rate(queued),
    String(weight),
    share === null ? '-' : rate(share),
    quotaText(quota),
    usedText(offeredPerSecond, quota),
    causes.map(([cause]) => CAUSES[cause] ?? cause).join(', ')
  ]
}

function quotaText (quota: Organization['quota']): string {
  if (quota === null) return '-'
  const { eventsPerSecond, bytesPerSecond } = quota
  return eventsPerSecond === undefined ? `${rate(bytesPerSecond ?? 0)} B` : rate(eventsPerSecond)
}

/** Sets the offer against a quota of events. */
function usedText (offeredPerSecond: number, quota: Organization['quota']): string {
  const { eventsPerSecond } = quota ?? {}
  return eventsPerSecond === undefined ? '-' : `${rate(Math.round(100 * offeredPerSecond / eventsPerSecond))} %`
}

/** Turns a name of a field into words: `wouldExpire` into `would expire`. */
function wordsOf (name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

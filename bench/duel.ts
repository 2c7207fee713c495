/*
 * Compares the CPU time of two services for an event: another revision, or this one without keys or settings, against
 * this one. Both run all the time and take turns of a second, since the speed of a shared machine changes within
 * minutes; only the two turns of a pair are compared. If only settings differ, one process changes them between its
 * turns: the compiler of Node.js may leave two processes with the same code further apart than settings do.
 *
 *   npm run bench:duel -- --revision HEAD~1      another revision against this one
 *   npm run bench:duel -- --with PROCESSES=2     one process against two on the same ports
 *   npm run bench:duel -- --key                  without API keys against with one
 *   npm run bench:duel -- --with 'SHEDDING=smooth FORECAST=observe'
 *   npm run bench:duel -- --settings '{"quotas": {"default": {"eventsPerSecond": 1000000}}}'
 */
import { isRecord } from '../services/event/record.ts'
import { readOptions } from '../rig/options.ts'
import { table } from '../rig/table.ts'
import { withOwner } from '../rig/owner.ts'
import { checkOut } from './duel/checkout.ts'
import { environment } from './duel/environment.ts'
import { guarded } from './duel/guarded.ts'
import { LOAD_NAMES, LOADS, type LoadName } from './duel/loads.ts'
import { startSide, type Turn } from './duel/side.ts'
import { median, quantile } from './median.ts'

const WARM_UP_MS = 6_000

const FLAGS = {
  revision: { type: 'string' },
  key: { type: 'boolean', default: false },
  with: { type: 'string', default: '' },
  settings: { type: 'string', default: '{}' },
  loads: { type: 'string', default: LOAD_NAMES.join(',') },
  starts: { type: 'string', default: '3' },
  pairs: { type: 'string', default: '15' },
  seconds: { type: 'string', default: '1' }
} as const

const options = readOptions(FLAGS, (reader) => ({
  revision: reader.values.revision,
  hasKey: reader.values.key,
  environment: environment(reader.values.with),
  settings: settingsOf(reader.values.settings, reader.problems),
  loads: reader.names('loads', 'load', reader.values.loads, LOAD_NAMES) as LoadName[],
  starts: reader.number('starts', reader.values.starts, { low: 1, high: 100, isWhole: true }),
  pairs: reader.number('pairs', reader.values.pairs, { low: 1, high: 1_000, isWhole: true }),
  turnMs: reader.number('seconds', reader.values.seconds, { low: 0.2, high: 60 }) * 1_000
}))

/** The two turns of each pair. */
type Pairs = [one: Turn, other: Turn][]

const results = new Map<LoadName, Pairs>(options.loads.map((name) => [name, []]))
// The compiler of Node.js decides anew in each process, so several processes of both sides are compared.
for (let start = 0; start < options.starts; start++) {
  await withOwner(async (owner) => {
    const root = options.revision === undefined ? undefined : await checkOut(owner, options.revision)
    const { keys, headers } = options.hasKey ? await guarded(owner) : { keys: {}, headers: {} }
    const added = { ...keys, ...options.environment }
    const isAlone = root === undefined && Object.keys(added).length === 0
    const one = await startSide(owner, root === undefined ? {} : { root })
    const other = isAlone ? one : await startSide(owner, { keys: added })
    for (const [name, pairs] of results) {
      const loads = [LOADS[name]({}), LOADS[name](headers)] as const
      const turnOfOne = async (forMs: number): Promise<Turn> => {
        if (isAlone) await one.change(withoutValues(options.settings))
        return await one.turn(loads[0], forMs)
      }
      const turnOfOther = async (forMs: number): Promise<Turn> => {
        await other.change(options.settings)
        return await other.turn(loads[1], forMs)
      }
      await turnOfOne(WARM_UP_MS)
      await turnOfOther(WARM_UP_MS)
      for (let pair = 0; pair < options.pairs; pair++) {
        // Each is the first of a pair as often as the second.
        if (pair % 2 === 0) pairs.push([await turnOfOne(options.turnMs), await turnOfOther(options.turnMs)])
        else pairs.push([await turnOfOther(options.turnMs), await turnOfOne(options.turnMs)].toReversed() as Pairs[number])
      }
    }
  })
  process.stdout.write(`${report()}\n\n`)
}

function report (): string {
  const rows = [...results].map(([name, pairs]) => {
    const costs = pairs.map(([one, other]): [one: number, other: number] => [one.cpuMicros, other.cpuMicros])
    return [
      name,
      String(pairs.length),
      median(costs.map(([one]) => one)).toFixed(2),
      median(costs.map(([, other]) => other)).toFixed(2),
      spread(costs.map(([one, other]) => other / one), 3),
      spread(costs.map(([one, other]) => other - one), 2),
      spread(pairs.map(([one, other]) => other.perSecond / one.perSecond), 2)
    ]
  })
  return table([
    'load', 'pairs', 'one, µs', 'this, µs', 'ratio (quartiles)', 'more, µs (quartiles)', 'events/s, ratio (quartiles)'
  ], rows)
}

function settingsOf (text: string, problems: string[]): object {
  try {
    const settings: unknown = JSON.parse(text)
    if (isRecord(settings)) return settings
  } catch {
    // Reported below.
  }
  problems.push(`--settings: expected a JSON object, got ${text || 'nothing'}`)
  return {}
}

/** Returns the merge patch that gives each of these settings its configured value. */
function withoutValues (settings: object): object {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) =>
    [name, isRecord(value) ? withoutValues(value) : null]))
}

function spread (values: readonly number[], digits: number): string {
  const [low, high] = [quantile(values, 0.25), quantile(values, 0.75)]
  return `${median(values).toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`
}

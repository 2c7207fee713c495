/*
 * The CPU time of an event with one shard and with several, on the same Redis: the cost of the division itself. The
 * services run side by side and take turns, so that each round compares moments of the same machine.
 *
 *   npm run bench:shards -- --shards 1,2,4
 *
 *   single       lone events
 *   array        arrays of 100 events without identities
 *   identified   the same with an id each, which decides on the shard; ids are remembered for a second, since they come
 *                again
 *   work         a worker in this process empties a queue of batches of 25 events
 */
import { readOptions } from '../rig/options.ts'
import { table } from '../rig/table.ts'
import { withOwner } from '../rig/owner.ts'
import { startSide, type Load, type Turn } from './duel/side.ts'
import { LOADS } from './duel/loads.ts'
import { median } from './median.ts'
import { startWork } from './shards/work.ts'
import { identifiedPosts } from './traffic/post.ts'

const WARM_UP_MS = 5_000
const WORK_BATCHES = 1_500
const WORK_EVENTS = 25
/** Requests with different ids: more than a service answers in a second. */
const REQUESTS = 1_200

const FLAGS = {
  shards: { type: 'string', default: '1,2,4' },
  rounds: { type: 'string', default: '10' },
  seconds: { type: 'string', default: '1' }
} as const

const { shards, rounds, turnMs } = readOptions(FLAGS, (reader) => ({
  shards: reader.values.shards.split(',')
    .map((text) => reader.number('shards', text, { low: 1, high: 64, isWhole: true })),
  rounds: reader.number('rounds', reader.values.rounds, { low: 1, high: 1_000, isWhole: true }),
  turnMs: reader.number('seconds', reader.values.seconds, { low: 0.2, high: 60 }) * 1_000
}))

const cases: { name: string, load: Load, keys?: Record<string, string> }[] = [
  { name: 'single', load: LOADS.single({}) },
  { name: 'array', load: LOADS.array({}) },
  {
    name: 'identified', load: { ...LOADS.array({}), requests: identifiedPosts(REQUESTS) },
    keys: { IDEMPOTENCY_TTL_MS: '1000' }
  }
]

const rows: string[][] = []

/** Adds a row for each number of shards: each round has one measurement of each. */
function report (name: string, turns: readonly (readonly Turn[])[]): void {
  for (const [index, number] of shards.entries()) {
    const own = turns.map((row) => row[index] as Turn)
    rows.push([
      name, String(number), median(own.map(({ cpuMicros }) => cpuMicros)).toFixed(2),
      median(turns.map((row) => (row[index] as Turn).cpuMicros / (row[0] as Turn).cpuMicros)).toFixed(3),
      Math.round(median(own.map(({ perSecond }) => perSecond))).toLocaleString('en')
    ])
  }
}

async function measure (sides: readonly (() => Promise<Turn>)[]): Promise<Turn[][]> {
  const turns: Turn[][] = []
  for (let round = 0; round < rounds; round++) {
    const row: Turn[] = []
    for (const side of sides) row.push(await side())
    turns.push(row)
  }
  return turns
}

for (const { name, load, keys = {} } of cases) {
  await withOwner(async (owner) => {
    const sides = await Promise.all(shards.map((number) =>
      startSide(owner, { keys: { ...keys, QUEUE_SHARDS: String(number) } })))
    for (const side of sides) await side.turn(load, WARM_UP_MS)
    report(name, await measure(sides.map((side) => () => side.turn(load, turnMs))))
  })
}
await withOwner(async (owner) => {
  const sides = await Promise.all(shards.map((number) => startWork(owner, number, WORK_BATCHES, WORK_EVENTS)))
  for (const side of sides) await side()
  report('work', await measure(sides))
})
process.stdout.write(`${table(['load', 'shards', 'CPU of an event, µs', 'ratio to the first', 'events/s'], rows)}\n`)

/*
 * Fits a model of the cost of an event to measurements, has it predict three settings that it was not fitted to, and
 * prints the machines for 10,000, 100,000 and a million events per second. In each round all settings run in turn, each
 * at a moderate load; the settings to predict also run at the highest rate of an API process with a core of its own.
 *
 *   npm run bench:scale
 *   npm run bench:scale -- --rounds 2 --seconds 0.5 --json scale.json
 */
import { writeFile } from 'node:fs/promises'
import { readOptions } from '../rig/options.ts'
import { withOwner } from '../rig/owner.ts'
import { rotated } from './rounds.ts'
import { fsyncMs } from './scale/fsync.ts'
import { fit, type Row } from './scale/model.ts'
import { machineTable, costTable, predictionTable, type Prediction } from './scale/report.ts'
import { FITTED, HELD_OUT, saturated, SIDES, type Kind, type Setting, type SideName } from './scale/settings.ts'
import { startSide, type Side } from './scale/side.ts'

/** The compilers of Node.js need some thousand requests of each kind. */
const WARM_UP_MS = 3_000
const WARM_UP: readonly Kind[] = [{ eventsPerRequest: 1, bytes: 500 }, { eventsPerRequest: 50, bytes: 500 }]
const IDLE_MS = 1_500
const STORED_EVENTS = 20_000
/** Settings whose memory is measured: batches of several sizes, long events, and ids. */
const STORED: readonly Kind[] = [
  { eventsPerRequest: 100, bytes: 250 }, { eventsPerRequest: 100, bytes: 1_000 }, { eventsPerRequest: 10, bytes: 250 },
  { eventsPerRequest: 100, bytes: 250, hasIds: true }
]

const options = readOptions({
  rounds: { type: 'string', default: '6' }, seconds: { type: 'string', default: '1' }, json: { type: 'string' }
}, (reader) => ({
  rounds: reader.number('rounds', reader.values.rounds, { low: 1, high: 100, isWhole: true }),
  turnMs: reader.number('seconds', reader.values.seconds, { low: 0.3, high: 60 }) * 1_000,
  json: reader.values.json
}))

/** The rows of each setting, one for each round. */
const rows = new Map<string, Row[]>()
const peaks = new Map<string, (Row & { readonly perSecond: number })[]>()
const note = <T>(all: Map<string, T[]>, name: string, value: T) => { all.set(name, [...all.get(name) ?? [], value]) }

await withOwner(async (owner) => {
  const sides = Object.fromEntries(await Promise.all(SIDES.map(async (name) => [name, await startSide(owner, name)]))) as
    Record<SideName, Side>
  const settings = Object.entries({ ...FITTED, ...HELD_OUT })
  for (const side of SIDES) {
    for (const kind of WARM_UP) await sides[side].turn({ side, kinds: [kind], connections: 32 }, WARM_UP_MS)
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const [name, setting] of rotated(settings, round * 5)) {
      note(rows, name, await sides[setting.side].turn(setting, options.turnMs))
    }
    for (const side of SIDES) note(rows, `idle, ${side}`, await sides[side].idle(IDLE_MS))
    for (const [name, setting] of Object.entries(HELD_OUT)) {
      note(peaks, name, await sides[setting.side].saturate(saturated(setting), options.turnMs))
    }
    process.stderr.write(`round ${round + 1} of ${options.rounds}\n`)
  }
  for (const kind of STORED) {
    const setting: Setting = { side: 'discard', kinds: [kind], connections: 1 }
    const name = `stored: ${JSON.stringify(kind)}`
    note(rows, name, await sides.discard.store(setting, STORED_EVENTS / kind.eventsPerRequest))
  }
})

const model = fit([...rows].flatMap(([name, own]) => name in HELD_OUT ? [] : own))
const predictions = Object.keys(HELD_OUT).map((name): Prediction =>
  ({ name, rows: rows.get(name)!, peaks: peaks.get(name)! }))
process.stdout.write([costTable(model), predictionTable(model, predictions), machineTable(model)].join('\n\n'))
process.stdout.write(`\n\nan append of 4 KB is on the disk after ${(await fsyncMs()).toFixed(2)} ms\n`)
if (options.json !== undefined) {
  const all = Object.fromEntries([...rows].map(([name, own]) => [name, own]))
  await writeFile(options.json, `${JSON.stringify({ model, rows: all, peaks: Object.fromEntries(peaks) }, null, 1)}\n`)
}

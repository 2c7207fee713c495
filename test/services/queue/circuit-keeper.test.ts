import t from 'tap'
import type { CircuitRecord, CircuitStep } from '../../../services/admission/circuit-record.ts'
import { circuitRecordOf, transitionsOf } from '../../../services/admission/circuit-record.ts'
import type { Circuits } from '../../../services/admission/circuit.ts'
import { startQueue, type QueueForTest } from './setup.ts'

const OPEN: Circuits = { depth: 'OPEN', bytes: 'CLOSED' }
const HALF_OPEN: Circuits = { depth: 'HALF_OPEN', bytes: 'CLOSED' }
const MOST_AGE_MS = 300

const step = (known: CircuitRecord | undefined, circuits: Circuits, more: Partial<CircuitStep> = {}): CircuitStep =>
  ({ known, circuits, aboveEpoch: 0, readAt: undefined, ...more })
const controlOf = async ({ queue }: QueueForTest) => (await queue.sample()).control

t.test('of several processes that know the same record, one moves the circuit', async (t) => {
  const first = await startQueue(t)
  const others = await Promise.all([1, 2, 3].map(() => startQueue(t, first.redis)))
  const answers = await Promise.all([first, ...others].map(({ queue }) =>
    queue.circuit.move(step(undefined, OPEN), MOST_AGE_MS)))
  t.equal(answers.filter(({ isMoved }) => isMoved).length, 1)
  const record = circuitRecordOf(await controlOf(first))
  t.match(record, { circuits: OPEN, epoch: 1, since: Number })
  for (const answer of answers) {
    t.strictSame(answer.record, record, 'all get the record that holds')
    t.ok(answer.redisTimeMs >= record!.since!)
  }
  t.equal(transitionsOf(await controlOf(first)), 1)
  const { isMoved, record: next } = await first.queue.circuit.move(step(record, HALF_OPEN), MOST_AGE_MS)
  t.match([isMoved, next], [true, { circuits: HALF_OPEN, epoch: 2 }])
  t.equal((await first.queue.circuit.move(step(record, HALF_OPEN), MOST_AGE_MS)).isMoved, false, 'an old epoch')
})

t.test('a change of one circuit behind the worse one is recorded, and is no transition', async (t) => {
  const started = await startQueue(t)
  const { queue } = started
  const { record } = await queue.circuit.move(step(undefined, { depth: 'OPEN', bytes: 'OPEN' }), MOST_AGE_MS)
  const answer = await queue.circuit.move(step(record, { depth: 'CLOSED', bytes: 'OPEN' }), MOST_AGE_MS)
  t.match(answer, { isMoved: true, record: { circuits: { depth: 'CLOSED', bytes: 'OPEN' }, since: record!.since } })
  t.equal(transitionsOf(await controlOf(started)), 1)
})

t.test('facts that are too old by the clock of Redis move nothing', async (t) => {
  const started = await startQueue(t)
  const { redisTimeMs } = await started.queue.sample()
  for (const [ageMs, isMoved] of [[HOUR, false], [-HOUR, true]] as const) {
    const answer = await started.queue.circuit.move(step(undefined, OPEN, { readAt: redisTimeMs - ageMs }), MOST_AGE_MS)
    t.equal(answer.isMoved, isMoved, `${ageMs}`)
  }
})
const HOUR = 3_600_000

t.test('the epoch rises although the record was lost, and a reset closes the circuit once', async (t) => {
  const started = await startQueue(t)
  const { queue } = started
  await queue.circuit.move(step(undefined, OPEN, { aboveEpoch: 41 }), MOST_AGE_MS)
  t.match(circuitRecordOf(await controlOf(started)), { circuits: OPEN, epoch: 42 })
  await queue.circuit.reset()
  t.match(circuitRecordOf(await controlOf(started)), { circuits: { depth: 'CLOSED', bytes: 'CLOSED' }, epoch: 43 })
  await queue.circuit.reset()
  const control = await controlOf(started)
  t.match(circuitRecordOf(control), { epoch: 43 }, 'a closed circuit stays as it is')
  t.match([control.resets, transitionsOf(control)], ['2', 2])
})

t.test('damage in the record is repaired, and a full Redis moves the circuit all the same', async (t) => {
  const started = await startQueue(t)
  const { queue, connection } = started
  const { keys } = queue
  await connection.hset(keys.control, 'circuit', 'OPEN', 'circuit-epoch', 'many', 'circuit-transitions', 'x')
  const known = circuitRecordOf({ circuit: 'OPEN' })
  t.match(await queue.circuit.move(step(known, HALF_OPEN), MOST_AGE_MS), { isMoved: true, record: { epoch: 1 } })
  t.equal(transitionsOf(await controlOf(started)), 1)
  await connection.set(keys.control, 'of another type')
  await connection.del(keys.control)
  await connection.set(keys.control, 'of another type')
  t.match(await queue.circuit.move(step(undefined, OPEN), MOST_AGE_MS), { isMoved: true, record: { epoch: 1 } })
  await connection.config('SET', 'maxmemory', '1')
  const record = circuitRecordOf(await controlOf(started))
  t.match(await queue.circuit.move(step(record, HALF_OPEN), MOST_AGE_MS), { isMoved: true, record: { epoch: 2 } })
})

const DAMAGED: readonly Record<string, string>[] = [
  { 'circuit': 'ajar', 'circuit-epoch': '7' },
  { 'circuit': '', 'circuit-epoch': '7' },
  { 'circuit-epoch': '7' },
  ...['', 'inf', 'nan', '-3', '1.5', '0x10', ' 7', '1e3', '1e300', '9007199254740990', '9007199254740991', '9007199254740992']
    .map((epoch) => ({ 'circuit': 'CLOSED', 'circuit-epoch': epoch })),
  { 'circuit': 'CLOSED', 'circuit-epoch': '2', 'circuit-depth': 'ajar', 'circuit-bytes': '', 'circuit-since': 'x' }
]

t.test('whatever is in the record, a replica that has read it moves the circuit, and a reset closes it', async (t) => {
  const started = await startQueue(t)
  const { queue, connection } = started
  for (const damaged of DAMAGED) {
    const name = JSON.stringify(damaged)
    await connection.del(queue.keys.control)
    await connection.hset(queue.keys.control, damaged)
    let aboveEpoch = 0
    for (const circuits of [OPEN, HALF_OPEN, OPEN]) {
      const known = circuitRecordOf(await controlOf(started))
      aboveEpoch = Math.max(aboveEpoch, known?.epoch ?? 0)
      const { isMoved, record } = await queue.circuit.move(step(known, circuits, { aboveEpoch }), MOST_AGE_MS)
      t.match([isMoved, record?.circuits], [true, circuits], name)
      t.ok(record!.epoch > 0, `${name}: a number that all can read`)
    }
    await queue.circuit.reset()
    t.match(circuitRecordOf(await controlOf(started)), { circuits: { depth: 'CLOSED' }, epoch: Number }, name)
    await connection.hset(queue.keys.control, damaged)
    await queue.circuit.reset()
    t.match(circuitRecordOf(await controlOf(started)), { circuits: { depth: 'CLOSED', bytes: 'CLOSED' } }, name)
  }
})

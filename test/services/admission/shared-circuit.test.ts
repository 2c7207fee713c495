/* Replicas that share a circuit, over a record in memory that changes as the one in Redis does. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { worseState, type CircuitState } from '../../../services/admission/circuit.ts'
import { circuitRecordOf, type CircuitStep } from '../../../services/admission/circuit-record.ts'
import { eventOffer } from '../../../services/admission/offer.ts'
import { Permit } from '../../../services/admission/permit.ts'
import { readingOf, startGate, THRESHOLDS } from './setup.ts'

/** The control record; see services/queue/lua/move-circuit.lua, which its own test holds against Redis. */
function startRecord () {
  let control: Record<string, string> = {}
  const redis = { time: 1_000, isAway: false, changes: 0 }
  const askForStep = async ({ known, circuits, aboveEpoch, readAt }: CircuitStep) => {
    if (redis.isAway) throw new Error('Connection is closed.')
    const now = circuitRecordOf(control)
    const state = now && worseState(now.circuits.depth, now.circuits.bytes)
    const expected = known && worseState(known.circuits.depth, known.circuits.bytes)
    const isMoved = (now?.epoch ?? 0) === (known?.epoch ?? 0) && state === expected &&
      (readAt === undefined || redis.time - readAt <= 300)
    if (isMoved) {
      const next = worseState(circuits.depth, circuits.bytes)
      const isChange = next !== (state ?? 'CLOSED')
      redis.changes += isChange ? 1 : 0
      control = {
        ...control,
        circuit: next, 'circuit-depth': circuits.depth, 'circuit-bytes': circuits.bytes,
        'circuit-epoch': String(Math.max(now?.epoch ?? 0, aboveEpoch) + 1),
        ...(isChange && { 'circuit-since': String(redis.time) })
      }
    }
    return { isMoved, record: circuitRecordOf(control), redisTimeMs: redis.time }
  }
  return {
    redis, askForStep, get control () { return control }, set control (other) { control = other }
  }
}

async function startReplicas (count: number) {
  const record = startRecord()
  const replicas = await Promise.all(Array.from({ length: count }, () => startGate({ askForStep: record.askForStep })))
  const read = (index: number, depth: number, redisTimeMs = record.redis.time, control = record.control) => {
    const { gate, clock } = replicas[index]!
    clock.now += 100
    gate.observe(readingOf({ 5: depth }, { redisTimeMs, control }))
  }
  const states = () => replicas.map(({ gate }) => gate.signals.circuitState)
  const logged = () => replicas.map(({ events }) => events().filter((event) => event === 'circuit-transition').length)
  return { record, replicas, read, states, logged }
}

const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0)

t.test('one replica sees a crossing, all follow, and one of them logs it', async (t) => {
  const { record, replicas, read, states, logged } = await startReplicas(4)
  for (const index of [0, 1, 2, 3]) read(index, 400)
  read(2, 500)
  await nextTurn()
  t.strictSame(states(), ['CLOSED', 'CLOSED', 'OPEN', 'CLOSED'], 'it acts at once')
  record.redis.time += 40
  for (const index of [0, 1, 3]) read(index, 430)
  t.strictSame(states(), ['OPEN', 'OPEN', 'OPEN', 'OPEN'], 'whatever they read')
  t.strictSame(logged(), [0, 0, 1, 0])
  const since = replicas[2]!.gate.circuitAgeMs
  t.strictSame([0, 1, 3].map((index) => replicas[index]!.gate.circuitAgeMs - since), [40, 40, 40],
    'since when it is open is shared, too')
  for (const index of [0, 1, 2, 3]) read(index, 20)
  await nextTurn()
  for (const index of [0, 1, 2, 3]) read(index, 40)
  t.strictSame(states(), Array.from({ length: 4 }, () => 'HALF_OPEN'))
  t.equal(total(logged()), 2, 'four that see it at once record it once')
})

t.test('an old reading moves nobody: a replica that was late follows the others', async (t) => {
  const { record, read, states, logged } = await startReplicas(2)
  read(0, 10)
  const before = record.redis.time
  record.redis.time += 2_000
  read(0, 10)
  read(1, 600, before)
  t.strictSame(states(), ['CLOSED', 'OPEN'], 'it sheds until it has an answer')
  await nextTurn()
  t.strictSame(states(), ['CLOSED', 'CLOSED'])
  t.equal(total(logged()), 0)
})

t.test('a replica without a record goes its own way, says so once, and records its step when it can', async (t) => {
  const { record, read, states, logged } = await startReplicas(2)
  read(0, 10)
  record.redis.isAway = true
  for (let reading = 0; reading < 5; reading++) {
    read(0, 500)
    await nextTurn()
  }
  t.strictSame([states(), logged()], [['OPEN', 'CLOSED'], [1, 0]])
  read(0, 300)
  await nextTurn()
  t.strictSame(states(), ['OPEN', 'CLOSED'], 'with its own hysteresis')
  record.redis.isAway = false
  read(0, 300)
  await nextTurn()
  read(1, 300)
  t.strictSame([states(), logged()], [['OPEN', 'OPEN'], [1, 0]])
})

t.test('a record that was lost comes back with the state that holds, above the old epochs', async (t) => {
  const { record, read, states, logged } = await startReplicas(2)
  for (const index of [0, 1]) read(index, 500)
  await nextTurn()
  const { epoch } = circuitRecordOf(record.control)!
  record.control = {}
  for (const index of [0, 1]) read(index, 300)
  await nextTurn()
  t.match(circuitRecordOf(record.control), { circuits: { depth: 'OPEN' }, epoch: epoch + 1 })
  for (const index of [0, 1]) read(index, 300)
  t.strictSame([states(), total(logged())], [['OPEN', 'OPEN'], 1])
})

t.test('a process of an earlier version that writes the state is followed', async (t) => {
  const { record, read, states } = await startReplicas(2)
  for (const index of [0, 1]) read(index, 500)
  await nextTurn()
  record.control = { ...record.control, circuit: 'HALF_OPEN', 'circuit-bytes': 'CLOSED' }
  for (const index of [0, 1]) read(index, 60)
  t.strictSame(states(), ['HALF_OPEN', 'HALF_OPEN'])
})

t.test('an event for which Redis had no room opens the circuit without waiting for a reading', async (t) => {
  const { read, replicas, states, logged } = await startReplicas(2)
  for (const index of [0, 1]) read(index, 100)
  const { gate } = replicas[0]!
  const permit = gate.admit(eventOffer({ type: 'x', priority: 5 }))
  t.ok(permit instanceof Permit)
  t.match(gate.refuseWithoutRoom(permit as Permit), { reason: 'circuit-open', kind: 'load' })
  t.strictSame(states(), ['OPEN', 'CLOSED'])
  await nextTurn()
  t.strictSame(logged(), [1, 0])
  read(1, 480)
  t.strictSame(states(), ['OPEN', 'OPEN'])
})

t.test('whatever replicas read and whenever they are answered, they agree in the end and count each change once', async (t) => {
  const step = fc.record({
    replica: fc.nat({ max: 3 }),
    depth: fc.constantFrom(0, 25, 40, 60, 90, 110, 400, 499, 500, 800),
    ageMs: fc.constantFrom(0, 0, 0, 100, 2_000),
    isAway: fc.constantFrom(false, false, false, true),
    isAnswered: fc.boolean()
  })
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const { record, replicas, read, states, logged } = await startReplicas(4)
    for (const { replica, depth, ageMs, isAway, isAnswered } of steps) {
      record.redis.time += 25
      record.redis.isAway = isAway
      read(replica, depth, record.redis.time - ageMs)
      if (isAnswered) await nextTurn()
    }
    await nextTurn()
    record.redis.isAway = false
    const changesBefore = record.redis.changes
    const loggedBefore = total(logged())
    // A depth that moves no circuit but a closed one, which it leaves as it is.
    for (let round = 0; round < 3; round++) {
      for (const index of replicas.keys()) {
        read(index, 70)
        await nextTurn()
      }
    }
    const agreed = new Set<CircuitState>(states())
    const own = record.redis.changes - changesBefore
    return agreed.size === 1 && total(logged()) - loggedBefore <= own &&
      (steps.some(({ isAway }) => isAway) || total(logged()) === record.redis.changes)
  }), { numRuns: 300 })
  t.ok(THRESHOLDS.recovery < 70 && 70 < THRESHOLDS.warning)
})

t.test('a replica that hears of a move follows before its next reading, which moves nothing further', async (t) => {
  const { record, replicas, read, states, logged } = await startReplicas(2)
  const hear = (index: number, control = record.control) =>
    replicas[index]!.gate.hearMove(control, record.redis.time)
  for (const index of [0, 1]) read(index, 400)
  read(0, 500)
  await nextTurn()
  t.strictSame(states(), ['OPEN', 'CLOSED'])
  const opened = record.control
  hear(1)
  t.strictSame(states(), ['OPEN', 'OPEN'])
  read(1, 0)
  await nextTurn()
  t.strictSame(states(), ['OPEN', 'OPEN'], 'others may not have seen the state before')
  read(1, 0)
  await nextTurn()
  t.strictSame(states(), ['OPEN', 'HALF_OPEN'])
  hear(1, opened)
  t.strictSame(states(), ['OPEN', 'HALF_OPEN'], 'a message that comes late')
  hear(0)
  t.strictSame(states(), ['HALF_OPEN', 'HALF_OPEN'])
  t.strictSame(logged(), [1, 1])
  const late = await startGate({ askForStep: record.askForStep })
  late.gate.hearMove(opened, record.redis.time)
  t.equal(late.gate.signals.circuitState, 'CLOSED', 'a replica joins with its first reading')
})

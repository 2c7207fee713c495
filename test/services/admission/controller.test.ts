import t from 'tap'
import { AdmissionController } from '../../../services/admission/controller.ts'
import type { Refusal } from '../../../services/admission/refusal.ts'
import { decide, loadPolicies, sampleOf, THRESHOLDS } from './load.ts'

const policies = await loadPolicies()
const CRITICAL = 1
const NORMAL = 5
const LOW = 10

const build = (order = policies) => new AdmissionController({ thresholds: THRESHOLDS, policies: order, now: 0 })
const outcomes = (controller: AdmissionController, isProcessOverloaded = false) =>
  [CRITICAL, NORMAL, LOW].map((priority) => decide(controller, priority, isProcessOverloaded)?.reason ?? 'admitted')

t.test('admits and refuses by the last sample', async (t) => {
  const table: [depth: number, outcomes: string[]][] = [
    [0, ['admitted', 'admitted', 'admitted']],
    [399, ['admitted', 'admitted', 'admitted']],
    [400, ['admitted', 'admitted', 'low-priority-shed']],
    [499, ['admitted', 'admitted', 'low-priority-shed']],
    [500, ['admitted', 'circuit-open', 'circuit-open']],
    [999, ['admitted', 'circuit-open', 'circuit-open']],
    [1_000, ['queue-full', 'queue-full', 'queue-full']]
  ]
  for (const [depth, expected] of table) {
    const controller = build()
    controller.update(sampleOf({ 3: depth }), 100)
    t.strictSame(outcomes(controller), expected, `${depth} events`)
  }
})

t.test('the depth is the sum over all priorities', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 1: 100, 5: 200, 10: 300 }), 100)
  t.equal(controller.depth, 600)
  t.equal(controller.signals.depth, 600)
  t.equal(controller.signals.circuitState, 'OPEN')
})

t.test('an overloaded process keeps critical, and a reason in the queue goes first', async (t) => {
  const controller = build()
  controller.update(sampleOf({}), 100)
  t.strictSame(outcomes(controller, true), ['admitted', 'process-overloaded', 'process-overloaded'])
  controller.update(sampleOf({ 5: 400 }), 200)
  t.strictSame(outcomes(controller, true), ['admitted', 'process-overloaded', 'low-priority-shed'])
})

t.test('the order in which policies are given does not matter', async (t) => {
  const controller = build(policies.toReversed())
  controller.update(sampleOf({ 5: 1_000 }), 100)
  controller.lose()
  t.strictSame(outcomes(controller, true), ['admitted', 'queue-unavailable', 'queue-unavailable'])
  controller.update(sampleOf({ 5: 1_000 }), 200)
  t.strictSame(outcomes(controller, true), ['queue-full', 'queue-full', 'queue-full'])
})

t.test('a burst between two samples meets every threshold', async (t) => {
  const controller = build()
  controller.update(sampleOf({}), 100)
  const admitUntilRefused = (priority: number) => {
    let refusal: Refusal | undefined
    while ((refusal = decide(controller, priority)) === undefined) controller.recordAdmitted(1)
    return { reason: refusal.reason, depth: controller.depth }
  }
  t.strictSame(admitUntilRefused(LOW), { reason: 'low-priority-shed', depth: 400 })
  t.strictSame(admitUntilRefused(NORMAL), { reason: 'circuit-open', depth: 500 })
  t.strictSame(admitUntilRefused(CRITICAL), { reason: 'queue-full', depth: 1_000 })
  t.equal(controller.signals.circuitState, 'CLOSED', 'only a sample moves the circuit')
  controller.update(sampleOf({ 5: 10 }), 200)
  t.equal(controller.depth, 10, 'a sample replaces what was noted')
  t.strictSame(outcomes(controller), ['admitted', 'admitted', 'admitted'])
})

t.test('the circuit recovers by samples alone, without traffic', async (t) => {
  const controller = build()
  const steps: [depth: number, transition: object | undefined, outcomes: string[]][] = [
    [500, { from: 'CLOSED', to: 'OPEN', cause: 'depth', depth: 500, bytes: 0 }, [
      'admitted',
      'circuit-open',
      'circuit-open'
    ]],
    [51, undefined, ['admitted', 'circuit-open', 'circuit-open']],
    [0, { from: 'OPEN', to: 'HALF_OPEN', cause: 'depth', depth: 0, bytes: 0 }, [
      'admitted',
      'admitted',
      'low-priority-shed'
    ]],
    [99, undefined, ['admitted', 'admitted', 'low-priority-shed']],
    [100, { from: 'HALF_OPEN', to: 'OPEN', cause: 'depth', depth: 100, bytes: 0 }, [
      'admitted',
      'circuit-open',
      'circuit-open'
    ]],
    [50, { from: 'OPEN', to: 'HALF_OPEN', cause: 'depth', depth: 50, bytes: 0 }, [
      'admitted',
      'admitted',
      'low-priority-shed'
    ]],
    [30, { from: 'HALF_OPEN', to: 'CLOSED', cause: 'depth', depth: 30, bytes: 0 }, [
      'admitted',
      'admitted',
      'admitted'
    ]],
    [0, undefined, ['admitted', 'admitted', 'admitted']]
  ]
  let now = 0
  for (const [depth, transition, expected] of steps) {
    now += 100
    t.strictSame(controller.update(sampleOf({ 5: depth }), now), transition, `transition at ${depth}`)
    t.strictSame(outcomes(controller), expected, `decisions at ${depth}`)
  }
})

t.test('tells since when the circuit is in its state', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 500 }), 100)
  controller.update(sampleOf({ 5: 500 }), 200)
  t.equal(controller.signals.circuitSince, 100)
  t.equal(controller.signals.takenAt, 200)
})

t.test('before the first sample the depth is unknown', async (t) => {
  const controller = build()
  t.equal(controller.signals.isDepthKnown, false)
  t.strictSame(outcomes(controller), ['admitted', 'queue-unavailable', 'queue-unavailable'])
  controller.lose()
  t.strictSame(outcomes(controller), ['admitted', 'queue-unavailable', 'queue-unavailable'])
})

t.test('a lost queue is not an empty one', async (t) => {
  const controller = build()
  controller.update(sampleOf({}), 100)
  controller.lose()
  t.equal(controller.signals.isDepthKnown, false)
  t.strictSame(outcomes(controller), ['admitted', 'queue-unavailable', 'queue-unavailable'])
  t.equal(controller.signals.takenAt, 100, 'the age of what is known goes on growing')
  controller.update(sampleOf({}), 500)
  t.strictSame(outcomes(controller), ['admitted', 'admitted', 'admitted'])
})

t.test('losing the queue does not move the circuit', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 500 }), 100)
  controller.lose()
  t.equal(controller.signals.circuitState, 'OPEN')
})

t.test('rates come from the differences between samples', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 600 }, 1_000, { 1: 10, 5: 7_000 }), 1_000)
  t.equal(controller.signals.drainRate, 0, 'one sample is no rate')
  controller.update(sampleOf({ 5: 600 }, 1_050, { 1: 20, 5: 7_040 }), 1_500)
  t.equal(controller.signals.drainRate, 100)
  t.strictSame(controller.signals.arrivalRateByPriority, [0, 20, 0, 0, 0, 80, 0, 0, 0, 0, 0])
  controller.update(sampleOf({ 5: 600 }, 1_050, { 1: 20, 5: 7_040 }), 11_500)
  t.equal(controller.signals.drainRate, 50, 'a backlog that nobody works on slows the estimate')
  t.strictSame(controller.signals.arrivalRateByPriority, [0, 10, 0, 0, 0, 40, 0, 0, 0, 0, 0])
})

t.test('an empty queue holds the drain rate', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 100 }, 0), 0)
  controller.update(sampleOf({}, 100), 1_000)
  t.equal(controller.signals.drainRate, 100)
  controller.update(sampleOf({}, 100), 60_000)
  t.equal(controller.signals.drainRate, 100)
})

t.test('a trickle through an empty queue can raise the drain rate but never lower it', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 100 }, 0), 0)
  controller.update(sampleOf({}, 100), 1_000)
  controller.update(sampleOf({}, 101), 11_000)
  t.equal(controller.signals.drainRate, 100, 'one event in ten seconds is all there was to do')
  controller.update(sampleOf({}, 3_101), 21_000)
  t.equal(controller.signals.drainRate, 200, 'half of 100 and half of 300')
})

t.test('the time without a readable queue is not counted as a time without work', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 300 }, 0), 0)
  controller.update(sampleOf({ 5: 200 }, 100), 1_000)
  controller.lose()
  controller.update(sampleOf({ 5: 200 }, 100), 61_000)
  t.equal(controller.signals.drainRate, 100)
})

t.test('counters that start again and clocks that stand still do no harm', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 300 }, 5_000, { 5: 9_000 }), 0)
  controller.update(sampleOf({ 5: 300 }, 10, { 5: 10 }), 1_000)
  t.equal(controller.signals.drainRate, 0)
  t.equal(controller.signals.arrivalRateByPriority[5], 0)
  controller.update(sampleOf({ 5: 300 }, 20, { 5: 20 }), 1_000)
  t.equal(controller.signals.drainRate, 0)
})

t.test('Retry-After is the time until this priority is admitted again', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 600 }, 0), 0)
  controller.update(sampleOf({ 5: 600 }, 100, { 1: 20 }), 1_000)
  const table: [priority: number, random: number, seconds: number][] = [
    [NORMAL, 0, 7], // (600 - 50) / (100 - 20)
    [NORMAL, 0.5, 10],
    [LOW, 0, 7], // (600 - 30) / (100 - 20)
    [LOW, 0.999, 14]
  ]
  for (const [priority, random, retryAfterSeconds] of table) {
    const expected = { kind: 'load', reason: 'circuit-open', retryAfterSeconds }
    t.strictSame(decide(controller, priority, false, random), expected, `priority ${priority}, ${random}`)
  }
})

t.test('Retry-After follows the capacity where it was measured, and the drain rate otherwise', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 600 }, 0), 0)
  controller.update(sampleOf({ 5: 600 }, 100, { 1: 20 }), 1_000, undefined, undefined, { capacityPerSecond: 130 })
  t.match(decide(controller, NORMAL), { retryAfterSeconds: 5 }, '(600 - 50) / (130 - 20)')
  controller.update(sampleOf({ 5: 600 }, 200, { 1: 40 }), 2_000)
  t.match(decide(controller, NORMAL), { retryAfterSeconds: 7 }, '(600 - 50) / (100 - 20)')
})

t.test('Retry-After counts what this process has admitted since the sample', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 600 }, 0), 0)
  controller.update(sampleOf({ 5: 600 }, 100), 1_000)
  controller.recordAdmitted(300)
  t.match(decide(controller, NORMAL), { retryAfterSeconds: 8 }, '(900 - 50) / 100')
})

t.test('Retry-After is short where the backlog is not the reason', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 300 }), 0)
  t.strictSame(decide(controller, NORMAL, true), { kind: 'load', reason: 'process-overloaded', retryAfterSeconds: 1 })
  controller.lose()
  t.strictSame(decide(controller, NORMAL, false, 0.999), {
    kind: 'queue',
    reason: 'queue-unavailable',
    retryAfterSeconds: 2
  })
})

t.test('Retry-After follows the length of an overload while the rates show no end of it', async (t) => {
  const during = (refusedSeconds: number, finished: number) => {
    const controller = build()
    const refusedMs = { critical: 0, normal: 0, low: refusedSeconds * 1_000 }
    controller.update(sampleOf({ 5: 600 }), 0)
    controller.update(sampleOf({ 5: 600 }, finished, { 4: 100 }), 1_000, undefined, undefined, { refusedMs })
    return decide(controller, LOW)?.retryAfterSeconds
  }
  t.strictSame([0, 5, 40, 3_600].map((seconds) => during(seconds, 90)), [1, 5, 40, 90])
  t.strictSame([0, 3_600].map((seconds) => during(seconds, 200)), [6, 6], 'a queue that drains at 100 per second')
})

t.test('Retry-After is absent where the same event would never be admitted', async (t) => {
  t.equal(build().retryAfterSeconds('never', NORMAL, 0.5), undefined)
  t.equal(build().retryAfterSeconds({ afterMs: 600_000 }, NORMAL, 0.5), 615, 'a fixed time is told, however long')
})

t.test('a queue that is full between two readings opens the circuit, though workers make room before each', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 480 }), 100)
  controller.recordAdmitted(19)
  t.strictSame(outcomes(controller), ['admitted', 'admitted', 'low-priority-shed'])
  t.equal(controller.update(sampleOf({ 5: 480 }), 200), undefined, 'it has not been full')
  controller.recordAdmitted(20)
  t.strictSame(outcomes(controller), ['admitted', 'circuit-open', 'circuit-open'])
  t.match(controller.update(sampleOf({ 5: 480 }), 300), { from: 'CLOSED', to: 'OPEN', depth: 500 })
  const burst = build()
  burst.update(sampleOf({}), 100)
  burst.recordAdmitted(500)
  t.equal(burst.update(sampleOf({ 5: 200 }), 200), undefined, 'most of what was admitted is not in the queue')
})

t.test('the circuit can be put into a state from outside', async (t) => {
  const controller = build()
  controller.update(sampleOf({}), 100)
  controller.force('OPEN', 150)
  t.strictSame(outcomes(controller), ['admitted', 'circuit-open', 'circuit-open'])
  t.equal(controller.signals.circuitSince, 150)
  controller.force('OPEN', 170)
  t.equal(controller.signals.circuitSince, 150, 'the state it is in is no change')
  t.strictSame(controller.update(sampleOf({}), 200), {
    from: 'OPEN',
    to: 'HALF_OPEN',
    cause: 'depth',
    depth: 0,
    bytes: 0
  })
  controller.force('CLOSED', 250)
  t.strictSame(outcomes(controller), ['admitted', 'admitted', 'admitted'])
})

t.test('a circuit closed by force over a backlog lets nothing through and opens with the next sample', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 600 }), 100)
  controller.force('CLOSED', 150)
  t.strictSame(outcomes(controller), ['admitted', 'circuit-open', 'circuit-open'])
  t.strictSame(controller.update(sampleOf({ 5: 600 }), 200), {
    from: 'CLOSED',
    to: 'OPEN',
    cause: 'depth',
    depth: 600,
    bytes: 0
  })
})

t.test('a snapshot once taken does not change', async (t) => {
  const controller = build()
  controller.update(sampleOf({ 5: 10 }), 100)
  const before = controller.signals
  const copy = structuredClone(before)
  controller.recordAdmitted(5)
  controller.update(sampleOf({ 5: 600 }, 50, { 5: 50 }), 200)
  controller.force('HALF_OPEN', 250)
  controller.lose()
  t.strictSame(before, copy)
})

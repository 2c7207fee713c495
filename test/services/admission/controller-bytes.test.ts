import t from 'tap'
import fc from 'fast-check'
import { worseState } from '../../../services/admission/circuit.ts'
import { AdmissionController } from '../../../services/admission/controller.ts'
import type { QueueSample } from '../../../services/admission/signals.ts'
import { decide, loadPolicies, sampleOf, THRESHOLDS } from './load.ts'

const policies = await loadPolicies()
const CAPACITY = 1_000

const build = () => new AdmissionController({ thresholds: THRESHOLDS, policies, now: 0 })
/** Critical at 700, hard at 900, recovery at 630, closed at 567. */
const sampleWith = (usedBytes: number, depth = 10): QueueSample =>
  ({ ...sampleOf({ 5: depth }), memory: { usedBytes, maxBytes: CAPACITY, machineBytes: 0 } })
const outcomes = (controller: AdmissionController) =>
  [1, 5, 10].map((priority) => decide(controller, priority)?.reason ?? 'admitted')

t.test('bytes open the circuit whatever the depth, and say that they are the reason', async (t) => {
  const controller = build()
  controller.update(sampleWith(500), 100)
  t.strictSame(outcomes(controller), ['admitted', 'admitted', 'admitted'])
  t.match(controller.update(sampleWith(700), 200), {
    from: 'CLOSED',
    to: 'OPEN',
    cause: 'bytes',
    depth: 10,
    bytes: 700
  })
  t.strictSame(outcomes(controller), ['admitted', 'queue-bytes', 'queue-bytes'])
  t.match(controller.signals, { circuitState: 'OPEN', circuits: { depth: 'CLOSED', bytes: 'OPEN' } })
  controller.update(sampleWith(900), 300)
  t.strictSame(outcomes(controller), ['queue-full', 'queue-full', 'queue-full'])
  t.match(decide(controller, 1), { kind: 'queue' }, 'so that it may be spooled')
  t.equal(controller.update(sampleWith(631), 400), undefined, 'not yet at the recovery')
  t.match(controller.update(sampleWith(630), 500), { from: 'OPEN', to: 'HALF_OPEN', cause: 'bytes' })
  t.strictSame(outcomes(controller), ['admitted', 'admitted', 'queue-bytes'])
  t.match(controller.update(sampleWith(560), 600), { from: 'HALF_OPEN', to: 'CLOSED', cause: 'bytes' })
  t.strictSame(outcomes(controller), ['admitted', 'admitted', 'queue-bytes'], 'low from 0.8 of the critical bytes on')
  controller.update(sampleWith(559), 700)
  t.strictSame(outcomes(controller), ['admitted', 'admitted', 'admitted'])
})

t.test('bytes that were admitted since the last sample count, so that a burst does not pass the threshold', async (t) => {
  const controller = build()
  controller.update(sampleWith(500), 100)
  let admitted = 0
  while (decide(controller, 5) === undefined) {
    controller.recordAdmitted(1, 50)
    admitted++
  }
  t.equal(admitted, 4)
  t.strictSame(outcomes(controller), ['admitted', 'queue-bytes', 'queue-bytes'])
  controller.update(sampleWith(500), 200, { count: 1, bytes: 200 })
  t.strictSame(outcomes(controller), ['admitted', 'queue-bytes', 'queue-bytes'], 'those that the sample cannot contain')
  controller.update(sampleWith(500), 300)
  t.strictSame(outcomes(controller), ['admitted', 'admitted', 'admitted'])
})

t.test('a limit that Redis is given while it runs is in force with the next sample', async (t) => {
  const controller = build()
  controller.update({ ...sampleOf({ 5: 10 }), memory: { usedBytes: 800, maxBytes: 0, machineBytes: 0 } }, 100)
  t.equal(controller.signals.memory.thresholds, undefined)
  t.strictSame(outcomes(controller), ['admitted', 'admitted', 'admitted'])
  controller.update(sampleWith(800), 200)
  t.strictSame(outcomes(controller), ['admitted', 'queue-bytes', 'queue-bytes'])
  controller.update({ ...sampleOf({ 5: 10 }), memory: { usedBytes: 800, maxBytes: 0, machineBytes: 0 } }, 300)
  t.equal(controller.signals.circuitState, 'CLOSED')
})

t.test('a wait is told that the queue needs to make the room, and a long one where it cannot', async (t) => {
  const controller = build()
  const drained = (finished: number, depth: number) => ({ ...sampleWith(700, depth), finished })
  controller.update(drained(0, 100), 0)
  controller.update(drained(10, 100), 1_000)
  t.match(
    decide(controller, 5),
    { kind: 'load', reason: 'queue-bytes', retryAfterSeconds: 1 },
    '70 bytes are ten events at 10 a second'
  )
  const still = build()
  still.update(sampleWith(700, 0), 0)
  t.match(decide(still, 5), { reason: 'queue-bytes', retryAfterSeconds: 90 }, 'dead letters do not drain')
})

t.test('each measure has its own hysteresis: the state is the worse of what each would be alone', async (t) => {
  const point = fc.record({ depth: fc.nat({ max: 700 }), bytes: fc.nat({ max: CAPACITY }) })
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(point), (points) => {
    const [both, depthAlone, bytesAlone] = [build(), build(), build()]
    return points.every(({ depth, bytes }, index) => {
      both.update(sampleWith(bytes, depth), index + 1)
      depthAlone.update(sampleWith(0, depth), index + 1)
      bytesAlone.update(sampleWith(bytes, 0), index + 1)
      return both.signals.circuitState === worseState(depthAlone.signals.circuitState, bytesAlone.signals.circuitState)
    })
  })))
})

t.test('more bytes never admit what fewer refused, and never a worse class before a better one', async (t) => {
  const bytes = fc.nat({ max: CAPACITY })
  const admitted = (usedBytes: number) => {
    const controller = build()
    controller.update(sampleWith(usedBytes), 1)
    return outcomes(controller).map((outcome) => outcome === 'admitted')
  }
  t.doesNotThrow(() =>
    fc.assert(fc.property(bytes, bytes, (one, more) => {
      const [few, many] = [admitted(one), admitted(one + more)]
      return few.every((isAdmitted, index) =>
        (isAdmitted || !many[index]) && (index === 0 || few[index - 1] || !isAdmitted)
      )
    }))
  )
})

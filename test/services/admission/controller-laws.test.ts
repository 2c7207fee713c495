import t from 'tap'
import fc from 'fast-check'
import { CIRCUIT_STATES, nextCircuitState, type CircuitState } from '../../../services/admission/circuit.ts'
import { AdmissionController } from '../../../services/admission/controller.ts'
import type { Thresholds } from '../../../services/admission/thresholds.ts'
import { decide, loadPolicies, sampleOf } from './load.ts'

const policies = await loadPolicies()

interface Situation {
  thresholds: Thresholds
  circuitState: CircuitState
  isDepthKnown: boolean
  isProcessOverloaded: boolean
}

/** Ascending thresholds from 1 on, dense enough that random depths land on and around them. */
const thresholds = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 4, maxLength: 4 })
  .map((numbers): Thresholds => {
    const [recovery, warning, critical, hardLimit] = numbers.toSorted((a, b) => a - b) as [
      number,
      number,
      number,
      number
    ]
    return { recovery, warning, critical, hardLimit }
  })
const situation: fc.Arbitrary<Situation> = fc.record({
  thresholds,
  circuitState: fc.constantFrom(...CIRCUIT_STATES),
  isDepthKnown: fc.boolean(),
  isProcessOverloaded: fc.boolean()
})
const depth = fc.nat({ max: 450 })
const priority = fc.integer({ min: 1, max: 10 })

function controllerAt (depth: number, { thresholds, circuitState, isDepthKnown }: Situation): AdmissionController {
  const controller = new AdmissionController({ thresholds, policies, now: 0 })
  controller.update(sampleOf({ 5: depth }), 1)
  controller.force(circuitState, 1)
  if (!isDepthKnown) controller.lose()
  return controller
}

function isAdmitted (controller: AdmissionController, priority: number, { isProcessOverloaded }: Situation): boolean {
  return decide(controller, priority, isProcessOverloaded, 0.5) === undefined
}

t.test('more depth never admits what less depth refused', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(situation, depth, depth, priority, (situation, depth, more, priority) => {
    const refusedAtLess = !isAdmitted(controllerAt(depth, situation), priority, situation)
    return !refusedAtLess || !isAdmitted(controllerAt(depth + more, situation), priority, situation)
  }), { numRuns: 2_000 }))
})

t.test('noting admitted events never admits what was refused before', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(situation, depth, depth, priority, (situation, depth, count, priority) => {
    const controller = controllerAt(depth, situation)
    const wasAdmitted = isAdmitted(controller, priority, situation)
    controller.recordAdmitted(count)
    return wasAdmitted || !isAdmitted(controller, priority, situation)
  }), { numRuns: 2_000 }))
})

t.test('a more important event is never refused while a less important one is admitted', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(situation, depth, priority, priority, (situation, depth, one, other) => {
    const controller = controllerAt(depth, situation)
    const lessIsAdmitted = isAdmitted(controller, Math.max(one, other), situation)
    return !lessIsAdmitted || isAdmitted(controller, Math.min(one, other), situation)
  }), { numRuns: 2_000 }))
})

t.test('critical is refused by nothing but a known depth at the hard limit', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(situation, depth, (situation, depth) => {
    const isFull = situation.isDepthKnown && depth >= situation.thresholds.hardLimit
    return isAdmitted(controllerAt(depth, situation), 1, situation) === !isFull
  }), { numRuns: 2_000 }))
})

t.test('the hard limit binds every priority', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(situation, depth, priority, (situation, excess, priority) => {
    const known = { ...situation, isDepthKnown: true }
    const controller = controllerAt(situation.thresholds.hardLimit + excess, known)
    return decide(controller, priority, situation.isProcessOverloaded)?.reason === 'queue-full'
  })))
})

t.test('an open circuit never closes in one step', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(fc.property(
      thresholds,
      depth,
      (thresholds, depth) => nextCircuitState('OPEN', depth, thresholds) !== 'CLOSED'
    ))
  )
  t.doesNotThrow(() =>
    fc.assert(fc.property(thresholds, fc.array(depth), (thresholds, depths) => {
      const controller = new AdmissionController({ thresholds, policies, now: 0 })
      return depths.every((depth, index) => {
        const transition = controller.update(sampleOf({ 5: depth }), index + 1)
        return !(transition?.from === 'OPEN' && transition.to === 'CLOSED')
      })
    }))
  )
})

t.test('a queue that stays empty closes the circuit within two samples', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(situation, depth, (situation, depth) => {
    const controller = controllerAt(depth, situation)
    controller.update(sampleOf({}), 2)
    controller.update(sampleOf({}), 3)
    return controller.signals.circuitState === 'CLOSED'
  })))
})

t.test('after any history a decision is an admission or a refusal with a Retry-After from 1 to 120', async (t) => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('update' as const),
      depths: fc.array(fc.nat({ max: 300 }), { minLength: 11, maxLength: 11 }),
      finished: fc.nat(),
      elapsedMs: fc.integer({ min: -50, max: 5_000 })
    }),
    fc.record({ kind: fc.constant('admit' as const), count: fc.nat({ max: 500 }) }),
    fc.record({ kind: fc.constant('force' as const), circuitState: fc.constantFrom(...CIRCUIT_STATES) }),
    fc.record({ kind: fc.constant('lose' as const) })
  )
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  t.doesNotThrow(() =>
    fc.assert(fc.property(
      thresholds,
      fc.array(step),
      priority,
      fc.boolean(),
      random,
      (thresholds, steps, priority, isProcessOverloaded, random) => {
        const controller = new AdmissionController({ thresholds, policies, now: 0 })
        let now = 0
        for (const step of steps) {
          if (step.kind === 'update')
            controller.update({
              depthByPriority: step.depths,
              enqueuedByPriority: step.depths,
              finished: step.finished
            }, now += step.elapsedMs)
          else if (step.kind === 'admit') controller.recordAdmitted(step.count)
          else if (step.kind === 'force') controller.force(step.circuitState, now)
          else controller.lose()
        }
        const refusal = decide(controller, priority, isProcessOverloaded, random)
        if (refusal === undefined) return true
        const { retryAfterSeconds = NaN } = refusal
        return Number.isInteger(retryAfterSeconds) && retryAfterSeconds >= 1 && retryAfterSeconds <= 120
      }
    ))
  )
})

import t from 'tap'
import type { CircuitState } from '../../../../services/admission/circuit.ts'
import circuitOpen from '../../../../services/admission/policies/circuit-open.ts'
import { modesOf } from '../../../../services/admission/mode.ts'
import { eventOffer } from '../../../../services/admission/offer.ts'
import { priorityClass } from '../../../../services/admission/priority-class.ts'
import { PolicyChain } from '../../../../services/admission/policy-chain.ts'
import { loadAt, loadPolicies, readmitsBelow, refuses } from '../load.ts'

t.test('refuses all but critical while the circuit is open, or would be with what was admitted since', async (t) => {
  const table: [circuitState: CircuitState, depth: number, refused: boolean][] = [
    ['OPEN', 0, true],
    ['OPEN', 700, true],
    ['CLOSED', 499, false],
    ['CLOSED', 500, true],
    ['HALF_OPEN', 99, false],
    ['HALF_OPEN', 100, true]
  ]
  for (const [circuitState, depth, refused] of table) {
    const load = loadAt(depth, { circuitState })
    t.equal(refuses(circuitOpen, load, 'normal'), refused, `normal, ${circuitState} at ${depth}`)
    t.equal(refuses(circuitOpen, load, 'low'), refused, `low, ${circuitState} at ${depth}`)
    t.equal(refuses(circuitOpen, load, 'critical'), false, `critical, ${circuitState} at ${depth}`)
  }
})

t.test('normal comes back at recovery, low only when the circuit has closed', async (t) => {
  t.equal(readmitsBelow(circuitOpen, loadAt(700), 'normal'), 50)
  t.equal(readmitsBelow(circuitOpen, loadAt(700), 'low'), 30)
})

t.test('the add of an event keeps the depth at which the circuit would open', async (t) => {
  const policy = circuitOpen.create({ now: () => 0, settings: () => ({}) })
  const table: [circuitState: CircuitState, priority: number, mostDepth: number | undefined][] = [
    ['CLOSED', 5, 500], ['CLOSED', 9, 500], ['CLOSED', 1, undefined], ['HALF_OPEN', 5, 100], ['HALF_OPEN', 1, undefined]
  ]
  for (const [circuitState, priority, mostDepth] of table) {
    const { signals } = loadAt(0, { circuitState })
    t.equal(policy.mostDepth?.(priorityClass(priority), signals), mostDepth, `${priority}, ${circuitState}`)
  }
})

t.test('an event that may enter an open circuit is bound by the hard limit alone, and not at all if nothing is enforced',
  async (t) => {
    const chain = new PolicyChain(await loadPolicies())
    const normal = eventOffer({ type: 'x', priority: 5 })
    const { signals } = loadAt(0, { circuitState: 'CLOSED' })
    const spared = { ...signals, fairShares: { above: 0, level: Infinity, over: () => undefined } }
    t.equal(chain.mostDepth(normal, signals, modesOf('true')), 500)
    t.equal(chain.mostDepth(normal, spared, modesOf('true')), 1_000)
    t.equal(chain.mostDepth(normal, signals, modesOf('observe')), Infinity)
    t.equal(chain.mostDepth(normal, signals, modesOf('false')), Infinity)
  })

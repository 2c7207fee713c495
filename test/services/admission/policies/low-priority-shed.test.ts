import t from 'tap'
import fc from 'fast-check'
import type { CircuitState } from '../../../../services/admission/circuit.ts'
import circuitOpen from '../../../../services/admission/policies/circuit-open.ts'
import lowPriorityShed from '../../../../services/admission/policies/low-priority-shed.ts'
import { loadAt, readmitsBelow, refuses, THRESHOLDS } from '../load.ts'

t.test('refuses low from 0.8 of critical, and while the circuit is half-open', async (t) => {
  const table: [circuitState: CircuitState, depth: number, refused: boolean, readmittedBelow: number | undefined][] = [
    ['CLOSED', 399, false, undefined],
    ['CLOSED', 400, true, 400],
    ['HALF_OPEN', 31, true, 30],
    ['HALF_OPEN', 0, true, 30]
  ]
  for (const [circuitState, depth, refused, readmittedBelow] of table) {
    const load = loadAt(depth, { circuitState })
    t.equal(refuses(lowPriorityShed, load, 'low'), refused, `${circuitState} at ${depth}`)
    t.equal(readmitsBelow(lowPriorityShed, load, 'low'), readmittedBelow, `back below ${readmittedBelow}`)
  }
})

const kept = { critical: 1, normal: 1, low: 0.3 }

t.test('a sample of low stands in for its refusal up to 0.95 of critical while the circuit is closed', async (t) => {
  t.equal(refuses(lowPriorityShed, loadAt(474, { kept }), 'low'), false)
  t.equal(readmitsBelow(lowPriorityShed, loadAt(475, { kept }), 'low'), 475)
  t.equal(refuses(lowPriorityShed, loadAt(31, { circuitState: 'HALF_OPEN', kept }), 'low'), true)
})

t.test('a flood of low events that are all kept leaves room for a normal one, at any hold', async () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 500 }), (hold) => {
    const at = (depth: number) => loadAt(depth, { kept, thresholds: { ...THRESHOLDS, hold } })
    let depth = 0
    while (!refuses(lowPriorityShed, at(depth), 'low') && !refuses(circuitOpen, at(depth), 'low')) depth++
    return !refuses(circuitOpen, at(depth), 'normal')
  }))
})

t.test('never refuses normal or critical', async (t) => {
  for (const circuitState of ['CLOSED', 'HALF_OPEN'] as const) {
    t.equal(refuses(lowPriorityShed, loadAt(450, { circuitState }), 'normal'), false)
    t.equal(refuses(lowPriorityShed, loadAt(450, { circuitState }), 'critical'), false)
  }
})

t.test('a hold sheds low from 0.8 of it', async (t) => {
  const at = (depth: number) => loadAt(depth, { thresholds: { ...THRESHOLDS, hold: 200 } })
  t.equal(refuses(lowPriorityShed, at(159), 'low'), false)
  t.equal(readmitsBelow(lowPriorityShed, at(160), 'low'), 160)
})

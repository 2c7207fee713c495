import t from 'tap'
import type { CircuitState } from '../../../../services/admission/circuit.ts'
import lowPriorityShed from '../../../../services/admission/policies/low-priority-shed.ts'
import { loadAt } from '../load.ts'

t.test('refuses low from 0.8 of critical, and while the circuit is half-open', async (t) => {
  const table: [circuitState: CircuitState, depth: number, refused: boolean, readmitsAtDepth: number][] = [
    ['CLOSED', 399, false, 400],
    ['CLOSED', 400, true, 400],
    ['HALF_OPEN', 31, true, 30],
    ['HALF_OPEN', 0, true, 30]
  ]
  for (const [circuitState, depth, refused, readmitsAtDepth] of table) {
    const load = loadAt(depth, { circuitState })
    t.equal(lowPriorityShed.refuses(load, 'low'), refused, `${circuitState} at ${depth}`)
    t.equal(lowPriorityShed.readmitsAtDepth(load, 'low'), readmitsAtDepth, `back at ${readmitsAtDepth}`)
  }
})

t.test('never refuses normal or critical', async (t) => {
  for (const circuitState of ['CLOSED', 'HALF_OPEN'] as const) {
    t.equal(lowPriorityShed.refuses(loadAt(450, { circuitState }), 'normal'), false)
    t.equal(lowPriorityShed.refuses(loadAt(450, { circuitState }), 'critical'), false)
  }
})

import t from 'tap'
import delayBudget from '../../../../services/admission/policies/delay-budget.ts'
import { loadAt, readmitsBelow, refuses, THRESHOLDS } from '../load.ts'

t.test('refuses normal and low from a hold on, in any state of the circuit, until they would get in', async (t) => {
  const lowBelow = { CLOSED: 64, HALF_OPEN: 30, OPEN: 30 }
  for (const circuitState of ['CLOSED', 'HALF_OPEN', 'OPEN'] as const) {
    const at = (depth: number) => loadAt(depth, { circuitState, thresholds: { ...THRESHOLDS, hold: 80 } })
    for (const name of ['normal', 'low'] as const) {
      t.equal(refuses(delayBudget, at(79), name), false, `${name}, ${circuitState}`)
      const belowDepth = name === 'normal' ? 80 : lowBelow[circuitState]
      t.equal(readmitsBelow(delayBudget, at(80), name), belowDepth, `${name}, ${circuitState}`)
    }
    t.equal(refuses(delayBudget, at(900), 'critical'), false, circuitState)
  }
})

t.test('thresholds without a hold refuse nothing for it', async (t) => {
  t.equal(refuses(delayBudget, loadAt(900), 'low'), false)
})

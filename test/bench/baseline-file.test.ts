import t from 'tap'
import { quickPart } from '../../bench/baseline-file.ts'
import type { Scenario } from '../../bench/scenario.ts'

const scenario: Scenario = {
  title: 'x', cases: {}, quick: ['ours', 'theirs'], ratios: [
    { what: 'kept', of: 'ours', to: 'theirs', metric: 'm' },
    { what: 'kept value', of: 'ours', metric: 'm', kind: 'value' },
    { what: 'left out', of: 'ours', to: 'others', metric: 'm' }
  ]
}

t.test('a quick run is not asked for ratios of cases that it leaves out', async (t) => {
  const known = { shed: { 'kept': 1, 'kept value': 2, 'left out': 3, 'of no scenario': 4 } }
  t.strictSame(quickPart(known, { shed: scenario }), { shed: { 'kept': 1, 'kept value': 2, 'of no scenario': 4 } })
})

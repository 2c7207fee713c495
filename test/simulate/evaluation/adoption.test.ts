import t from 'tap'
import type { SubjectResult } from '../../../simulate/compare.ts'
import { verdicts } from '../../../simulate/evaluation/adoption.ts'

const interval = (low: number, high: number) => ({ mean: (low + high) / 2, low, high })

/** A scenario in which the candidate gains worth within these bounds. */
function scenario (name: string, low: number, high: number, criticalLost = 0) {
  const result = (values: object) => ({ criticalLost: 0, ...values }) as unknown as SubjectResult
  return {
    scenario: name,
    results: [
      result({ name: 'static', criticalLost: 0.1 }),
      result({ name: 'candidate', criticalLost, gain: { worth: interval(low, high), goodput: interval(-1, -1) } })
    ]
  }
}

const BETTER = scenario('better', 0.1, 0.2)
const EVEN = scenario('even', -0.1, 0.2)
const WORSE = scenario('worse', -0.2, -0.1)

t.test('a policy is adopted if it is better in two thirds of the scenarios and worse in none', async (t) => {
  const isAdopted = (...judged: Parameters<typeof verdicts>[0]) => verdicts(judged)[0]!.isAdopted
  t.ok(isAdopted(BETTER, BETTER, EVEN))
  t.notOk(isAdopted(BETTER, EVEN, EVEN), 'a third is not enough')
  t.notOk(isAdopted(BETTER, BETTER, BETTER, BETTER, WORSE), 'one scenario that is worse is enough')
  t.notOk(isAdopted(scenario('touches zero', 0, 0.2)))
  t.notOk(isAdopted(BETTER, BETTER, scenario('loses critical events', 0.1, 0.2, 0.2)))
  t.ok(isAdopted(scenario('loses as many as the reference', 0.1, 0.2, 0.1)))
})

t.test('a verdict names the scenarios behind it', async (t) => {
  t.strictSame(verdicts([BETTER, EVEN, WORSE]), [
    { name: 'candidate', isAdopted: false, better: ['better'], worse: ['worse'], undecided: ['even'], losing: [] }
  ])
})

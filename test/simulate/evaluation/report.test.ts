import t from 'tap'
import type { SubjectResult } from '../../../simulate/compare.ts'
import type { CellResult } from '../../../simulate/evaluation/cell.ts'
import type { Question } from '../../../simulate/evaluation/question.ts'
import { report } from '../../../simulate/evaluation/report.ts'

const QUESTION: Question = {
  title: 'Better', scenarios: ['a'], variants: { one: [], two: [] },
  contestants: [{ subject: 'static' }, { subject: 'adaptive' }], seeds: 2, tune: 0, columns: ['goodput', 'worthGain']
}
const gain = (low: number, high: number) => ({ goodput: {}, worth: { mean: (low + high) / 2, low, high } })
const answer = (variant: string, low: number, high: number): CellResult => ({
  cell: { ...QUESTION, question: 'better', scenario: 'a', title: 'Arrivals', variant, flags: [] },
  results: [
    { name: 'static', goodput: 0.5, criticalLost: 0 },
    { name: 'adaptive', goodput: 0.75, criticalLost: 0, gain: gain(low, high) }
  ] as unknown as SubjectResult[]
})
const ANSWERS = [answer('one', 0.1, 0.3), answer('two', -0.3, -0.1)]

t.test('a question is answered by a table with a row for each subject, and the command', async (t) => {
  t.equal(report({ name: 'better', value: QUESTION }, ANSWERS), `## Better

| arrivals | variant |  | goodput % | worth gained, points |
| --- | --- | --- | --- | --- |
| Arrivals | one | static | 50.0 |  |
|  |  | adaptive | 75.0 | 20.0 (10.0 to 30.0) |
| Arrivals | two | static | 50.0 |  |
|  |  | adaptive | 75.0 | -20.0 (-30.0 to -10.0) |

\`\`\`
npm run evaluate -- --traces FOLDER --results FOLDER --questions better
\`\`\`
`)
})

t.test('the question of adoption has a verdict too', async (t) => {
  const text = report({ name: 'better', value: { ...QUESTION, isAdoption: true } }, ANSWERS)
  t.match(text, '| adaptive | 1 of 2 | 0 of 2 | 1 of 2 | 0 of 2 | no |\n\n- adaptive is worse in: Arrivals two\n')
})

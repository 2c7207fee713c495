import t from 'tap'
import { ScaleSteps } from '../../../simulate/measure/scale-steps.ts'

t.test('counts steps, and those against the direction of the one before', async (t) => {
  const table: [workers: number[], steps: number, reversals: number][] = [
    [[], 0, 0], [[3, 3, 3], 0, 0], [[1, 2, 2, 4, 4], 2, 0], [[1, 4, 2, 1, 1], 3, 1], [[2, 1, 2, 1], 3, 2]
  ]
  for (const [workers, steps, reversals] of table) {
    const found = new ScaleSteps()
    for (const count of workers) found.observe(count)
    t.match(found, { steps, reversals }, workers.join(', '))
  }
})

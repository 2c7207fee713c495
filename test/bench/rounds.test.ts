import t from 'tap'
import { rotated, runScenario } from '../../bench/rounds.ts'
import type { Scenario } from '../../bench/scenario.ts'
import { nothing } from '../../bench/subject/nothing.ts'

t.test('each round begins with another', async (t) => {
  t.strictSame([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join('')), ['abc', 'bca', 'cab', 'abc'])
  t.strictSame(rotated([], 3), [])
})

/** Two cases whose figure counts the samples. */
function counting (): Scenario {
  let count = 0
  const one = { subject: nothing, measure: async () => ({ count: ++count }) }
  return {
    title: 'x',
    grows: 'things',
    cases: { a: one, b: one, c: { ...one, subject: { ...nothing, obstacle: () => 'not here' } } },
    quick: ['a'],
    ratios: [{ what: 'x', of: 'b', to: 'a', metric: 'count' }]
  }
}
const options = { rounds: 3, seconds: 1, warmUpSeconds: 0, isQuick: false }

t.test('all cases run in each round, and what cannot run is noted', async (t) => {
  const told: string[] = []
  const result = await runScenario('name', counting(), options, (round, subject) => told.push(`${round}${subject}`))
  t.strictSame(told, ['0a', '0b', '1b', '1a', '2a', '2b'])
  t.match(result, {
    name: 'name',
    grows: 'things',
    subjects: [{ name: 'a', median: { count: 4 } }, { name: 'b', median: { count: 3 } }],
    notes: ['c was left out: not here']
  })
  t.strictSame(result.ratios[0]?.perRound, [2, 3 / 4, 6 / 5])
})

t.test('a quick run takes the cases that are marked for it', async (t) => {
  t.match(await runScenario('name', counting(), { ...options, isQuick: true }, () => {}), {
    subjects: { length: 1 },
    ratios: { length: 0 }
  })
})

t.test('there is one round, and others as long as there is time', async (t) => {
  const roundsOf = async (hasTimeFor: (round: number) => boolean) =>
    (await runScenario('name', counting(), options, () => {}, hasTimeFor)).subjects[0]?.samples.length
  t.equal(await roundsOf(() => false), 1)
  t.equal(await roundsOf((round) => round < 2), 2)
})

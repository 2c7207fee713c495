import t from 'tap'
import { Contest, type Issued } from '../../../../services/control/forecast/contest.ts'

const PERSISTENCE = 0
const COUNTED = 5
const HORIZON = 2

/** Follows a series whose truth is 100; of three candidates, each is off by so much at a step. */
function follow (contest: Contest, steps: number, off: (step: number) => readonly [number, number, number]): Issued {
  let issued: Issued | undefined
  for (let step = 0; step < steps; step++) {
    contest.score(100)
    issued = contest.issue(Float64Array.from(off(step), (distance) => 100 + distance))
  }
  return issued as Issued
}

t.test('chooses the candidate with the lowest loss, and follows a change', async (t) => {
  const contest = new Contest(HORIZON, 3)
  t.equal(follow(contest, 50, () => [10, 1, 20])[COUNTED], 110, 'persistence until enough is scored')
  t.equal(contest.leader, PERSISTENCE)
  t.ok(Math.abs((follow(contest, 500, () => [10, 1, 20])[COUNTED] as number) - 101) < 0.1)
  t.equal(contest.leader, 1)
  t.ok(Math.abs((follow(contest, 3_000, () => [10, 20, -1])[COUNTED] as number) - 99) < 0.5)
  t.ok(contest.leader >= 2, 'the new one, or the mixture, which followed it first')
})

t.test('mixes candidates whose errors cancel each other', async (t) => {
  const sides = (step: number) => [10, step % 2 === 0 ? 5 : -5, step % 2 === 0 ? -5 : 5] as const
  const row = follow(new Contest(HORIZON, 3), 1_000, sides)
  t.ok(Math.abs((row[3] as number) - 100) < 0.5, 'the mixture')
  t.ok(Math.abs((row[COUNTED] as number) - 100) < 0.5, 'what counts')
})

t.test('stays with persistence that nothing beats, and returns to it in a setback', async (t) => {
  const contest = new Contest(HORIZON, 3)
  t.ok(Math.abs((follow(contest, 1_000, () => [1, 30, 40])[COUNTED] as number) - 101) < 0.01)
  t.equal(contest.leader, PERSISTENCE)
  const proven = new Contest(HORIZON, 3)
  follow(proven, 5_000, () => [10, 1, 20])
  const row = follow(proven, 60, () => [1, 30, 20])
  t.equal(row[COUNTED], 101)
})

t.test('scores nothing without a value, nor before a horizon has passed', async (t) => {
  const contest = new Contest(HORIZON, 1)
  const issue = (value: number) => contest.issue(Float64Array.of(value))
  t.equal(contest.score(1), undefined)
  issue(1)
  t.equal(contest.score(2), undefined)
  issue(2)
  t.equal(contest.score(3)?.[0], 1, 'what was issued two steps ago')
  issue(3)
  t.equal(contest.score(undefined), undefined)
  issue(4)
  t.equal(contest.learned.scored, 1)
  t.equal(contest.score(5)?.[0], 3)
})

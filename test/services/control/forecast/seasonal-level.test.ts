import t from 'tap'
import { SeasonalLevel } from '../../../../services/control/forecast/candidates/seasonal-level.ts'

const SHAPE = { steps: 10, bins: 10, firstStep: 0 }
const beat = (step: number) => step % 10 === 3 ? 60 : 20 + step % 2

function follow (length: number, of: (step: number) => number): SeasonalLevel {
  const candidate = new SeasonalLevel(SHAPE, undefined)
  for (let step = 0; step < length; step++) candidate.observe(of(step))
  return candidate
}

const profileOf = (candidate: SeasonalLevel) => Array.from({ length: 10 }, (_, ahead) => candidate.forecast(ahead + 1))

t.test('is persistence until it has seen a season, and then knows it', async (t) => {
  t.equal(follow(5, beat).forecast(4), beat(4))
  t.strictSame(profileOf(follow(10, beat)).map(Math.round), Array.from({ length: 10 }, (_, step) => beat(step)))
})

t.test('a burst moves neither its level nor its profile by more than the usual error allows', async (t) => {
  const calm = profileOf(follow(400, (step) => beat(step) + Math.sin(step)))
  const after = profileOf(follow(400, (step) => step === 395 ? 500 : beat(step) + Math.sin(step)))
  for (const [index, value] of after.entries()) t.ok(Math.abs(value - calm[index]!) < 1)
})

t.test('follows a lasting change of the level', async (t) => {
  const candidate = follow(800, (step) => beat(step) + (step > 500 ? 30 : 0))
  for (const [index, value] of profileOf(candidate).entries()) t.ok(Math.abs(value - beat(800 + index) - 30) < 1)
})

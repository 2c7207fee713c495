import t from 'tap'
import { RATE_HALF_LIFE_MS, smoothRate } from '../../../services/admission/rate.ts'

t.test('the first rate is taken as it is', async (t) => {
  t.equal(smoothRate(undefined, 250, 100), 250)
})

t.test('the past counts half after one half-life, a quarter after two', async (t) => {
  t.equal(smoothRate(100, 0, RATE_HALF_LIFE_MS), 50)
  t.equal(smoothRate(100, 0, 2 * RATE_HALF_LIFE_MS), 25)
  t.equal(smoothRate(100, 300, RATE_HALF_LIFE_MS), 200)
  t.equal(smoothRate(100, 0, 500, 500), 50)
})

t.test('no time, no change', async (t) => {
  t.equal(smoothRate(100, 900, 0), 100)
})

t.test('how often it is sampled makes no difference', async (t) => {
  let rate = 100
  for (let step = 0; step < 100; step++) rate = smoothRate(rate, 20, RATE_HALF_LIFE_MS / 100)
  t.equal(Math.round(rate * 1e6) / 1e6, smoothRate(100, 20, RATE_HALF_LIFE_MS))
})

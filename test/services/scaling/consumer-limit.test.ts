import t from 'tap'
import fc from 'fast-check'
import { ConsumerLimit } from '../../../services/scaling/consumer-limit.ts'
import { sample, SLOTS, type Figures } from './sample.ts'

const STEP_MS = 500

/** Busy workers in front of a consumer: each would do 100 events per second, and the consumer at most so many. */
function start (consumerPerSecond: number, noise = () => 0) {
  const limit = new ConsumerLimit()
  let [at, worked] = [0, 0]
  return {
    limit,
    pass: (seconds: number, workers: number, figures: Figures = {}) => {
      for (let end = at + seconds * 1_000; at < end;) {
        at += STEP_MS
        worked += Math.min(consumerPerSecond, workers * 100) * STEP_MS / 1_000 * (1 + noise())
        limit.observe(sample({
          at, worked, completed: worked, waiting: 1e6, inWork: 50, workers, takenSlots: workers * SLOTS, ...figures
        }))
      }
      return limit.limit
    }
  }
}

t.test('two steps that gain nothing show the limit, and the workers that reach it', async (t) => {
  const { pass } = start(250)
  t.equal(pass(40, 3), undefined)
  t.equal(pass(40, 6), undefined, 'one step may be chance')
  t.match(pass(40, 12), { workers: 3, compared: [3, 250, 12, 250] })
})

t.test('workers that do more the more there are have no limit', async (t) => {
  const { pass } = start(1e9)
  for (const workers of [2, 4, 8, 16, 8, 4, 2, 3]) t.equal(pass(40, workers), undefined)
})

t.test('a consumer that gains half of what it should with each step is no limit', async (t) => {
  const limit = new ConsumerLimit()
  let [at, worked] = [0, 0]
  for (const [workers, perSecond] of [[2, 200], [4, 300], [8, 450]] as const) {
    for (const end = at + 40_000; at < end;) {
      at += STEP_MS
      worked += perSecond * STEP_MS / 1_000
      limit.observe(sample({
        at, worked, completed: worked, waiting: 1e6, inWork: 50, workers, takenSlots: workers * SLOTS
      }))
    }
  }
  t.equal(limit.limit, undefined)
})

t.test('a consumer that slows down once is no limit', async (t) => {
  const { limit, pass } = start(1e9)
  pass(40, 4)
  // Each of the eight does half as much as each of the four did, which looks like a step in vain, once.
  let worked = 1e6
  for (const workers of [8, 16]) {
    for (let second = 0; second < 40; second++) {
      worked += workers * 50
      limit.observe(sample({
        at: 100_000 + workers * 100_000 + second * 1_000, worked, completed: worked, waiting: 1e6, inWork: 50, workers,
        takenSlots: workers * SLOTS
      }))
    }
  }
  t.equal(limit.limit, undefined)
})

t.test('nothing is measured while workers have not enough to do, are paused, or wait for the consumer', async (t) => {
  for (const figures of [{ waiting: 0, takenSlots: 3 }, { isPaused: true }, { isHeldUp: true }]) {
    const { pass } = start(250)
    for (const workers of [3, 6, 12]) t.equal(pass(40, workers, figures), undefined, JSON.stringify(figures))
  }
})

t.test('nor in the first seconds after a step, nor in less than twenty', async (t) => {
  const { pass } = start(250)
  for (const workers of [3, 6, 12, 24]) t.equal(pass(20, workers), undefined)
})

t.test('is forgotten after ten minutes, and more workers are tried again', async (t) => {
  const { limit, pass } = start(250)
  for (const workers of [3, 6, 12]) pass(40, workers)
  t.ok(pass(500, 3))
  t.equal(pass(200, 3), undefined)
  t.equal(pass(40, 6), undefined)
  t.ok(pass(40, 12), 'and found again')
  limit.lose()
  t.ok(limit.limit)
})

t.test('chance does not look like a limit', async (t) => {
  const noises = fc.infiniteStream(fc.double({ min: -0.9, max: 0.9, noNaN: true }))
  t.doesNotThrow(() => fc.assert(fc.property(noises, (noise) => {
    const { pass } = start(1e9, () => noise.next().value as number)
    return [2, 4, 8, 10, 13, 8, 10, 5, 7].every((workers) => pass(40, workers) === undefined)
  }), { numRuns: 50 }))
})

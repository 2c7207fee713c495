import t from 'tap'
import fc from 'fast-check'
import { mulberry32 } from '../../../rig/random.ts'
import { Capacity, type CapacityEstimate, type WorkSample } from '../../../services/control/capacity.ts'

const IDLE: WorkSample = {
  at: 0, arrived: 0, worked: 0, completed: 0, waiting: 0, inWork: 0, workers: 1, slots: 20, takenSlots: 0,
  isPaused: false, isHeldUp: false
}
const BUSY = { worked: 100, takenSlots: 20 }

interface Seconds extends Partial<Omit<WorkSample, 'at' | 'arrived' | 'slots'>> { slotsEach?: number }

/** A capacity that sees a sample every `stepMs`; worked and completed are per second, all completed unless said. */
function start (stepMs = 1_000) {
  const capacity = new Capacity()
  let sample = IDLE
  capacity.observe(sample)
  const pass = (
    seconds: number, { worked = 0, completed = worked, slotsEach = 20, ...rest }: Seconds
  ): CapacityEstimate => {
    for (let step = 0; step < seconds * 1_000 / stepMs; step++) {
      sample = {
        ...IDLE,
        ...rest,
        slots: (rest.workers ?? 1) * slotsEach,
        at: sample.at + stepMs,
        worked: sample.worked + worked * stepMs / 1_000,
        completed: sample.completed + completed * stepMs / 1_000
      }
      capacity.observe(sample)
    }
    return capacity.estimate
  }
  return { capacity, pass }
}

t.test('estimates nothing without evidence', async (t) => {
  const { capacity, pass } = start()
  t.match(capacity.estimate, { evidence: 'none', perSecond: undefined, ageMs: undefined })
  const nothing = { evidence: 'none', perSecond: undefined, safePerSecond: undefined }
  const cases: Seconds[] = [
    {}, { isPaused: true, waiting: 9 }, { workers: 0, waiting: 9 }, { isHeldUp: true, takenSlots: 20 }
  ]
  for (const seconds of cases) {
    t.match(pass(60, seconds), nothing, JSON.stringify(seconds))
  }
})

t.test('busy workers sustain what they complete', async (t) => {
  const cases: [seconds: Seconds, perSecond: number][] = [
    [{ worked: 100, takenSlots: 20 }, 100],
    [{ worked: 100, takenSlots: 18 }, 100],
    [{ worked: 300, takenSlots: 80, workers: 4 }, 300],
    [{ worked: 100, takenSlots: 3, waiting: 5_000 }, 100]
  ]
  for (const [seconds, perSecond] of cases) {
    const estimate = start().pass(30, seconds)
    t.match(estimate, { evidence: 'busy', isMeasured: true, ageMs: 0 }, JSON.stringify(seconds))
    t.equal(Math.round(estimate.perSecond ?? NaN), perSecond)
  }
})

t.test('light work infers it by the utilisation law: concurrency over service time', async () => {
  const law = fc.property(
    fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 50 }), fc.double({ min: 0.01, max: 10, noNaN: true }),
    fc.double({ min: 0.05, max: 0.85, noNaN: true }),
    (workers, slotsEach, serviceSeconds, utilisation) => {
      const slots = workers * slotsEach
      const { perSecond = NaN, evidence, isMeasured } = start().pass(60, {
        workers, slotsEach, takenSlots: slots * utilisation, worked: slots * utilisation / serviceSeconds
      })
      // The first second has begun with free slots.
      return evidence === 'utilisation' && !isMeasured && Math.abs(perSecond * serviceSeconds / slots - 1) < 0.02
    }
  )
  fc.assert(law)
})

t.test('holds what it knew for hours while nothing is to be learned, and says for how long', async (t) => {
  const HOUR = 3_600
  const cases: Seconds[] = [
    {}, { isPaused: true, waiting: 9 }, { isHeldUp: true, waiting: 9, takenSlots: 20, worked: 1, completed: 0 },
    { workers: 0, waiting: 9 }
  ]
  for (const meanwhile of cases) {
    const { pass } = start()
    const before = pass(60, BUSY)
    const after = pass(5 * HOUR, meanwhile)
    t.equal(after.perSecond, before.perSecond, JSON.stringify(meanwhile))
    t.equal(after.safePerSecond, before.safePerSecond)
    t.match(after, { evidence: 'held', isMeasured: true, ageMs: 5 * HOUR * 1_000 })
  }
})

t.test('light work does not lower what busy workers have shown, whose age is said', async (t) => {
  const { pass } = start()
  pass(60, BUSY)
  const after = pass(600, { worked: 3, takenSlots: 1 })
  t.match(after, { evidence: 'busy', ageMs: 600_000 })
  t.equal(Math.round(after.perSecond ?? NaN), 100)
})

t.test('a consumer that times out steadily has no capacity, however steadily it does so', async (t) => {
  const { pass } = start()
  pass(120, { worked: 1_000, takenSlots: 20, waiting: 50_000 })
  const timeOut = { worked: 256, completed: 0, takenSlots: 20, waiting: 50_000 }
  let last = pass(1, timeOut).perSecond ?? NaN
  for (let second = 1; second < 120; second++) {
    const { perSecond = NaN } = pass(1, timeOut)
    t.ok(perSecond <= last, `does not rise in second ${second}`)
    last = perSecond
  }
  t.ok(last < 1, `${last} events per second`)
  const { perSecond: recovered = 0 } = pass(60, { worked: 1_000, takenSlots: 20, waiting: 50_000 })
  t.ok(recovered > 900, 'and has it back when it recovers')
})

t.test('a consumer that completes nothing from the start has none', async (t) => {
  const estimate = start().pass(60, { worked: 256, completed: 0, takenSlots: 20 })
  t.match(estimate, { perSecond: 0, safePerSecond: 0, evidence: 'busy' })
})

t.test('attempts that fail are work and not capacity', async (t) => {
  const { capacity, pass } = start()
  const { perSecond } = pass(60, { worked: 400, completed: 300, takenSlots: 20 })
  t.equal(Math.round(perSecond ?? NaN), 300)
  t.equal(Math.round(capacity.workerSpeed?.perWorker ?? NaN), 400, 'workers that are needed are counted by their work')
})

t.test('follows the number of workers at once', async (t) => {
  const { pass } = start()
  pass(60, BUSY)
  t.equal(Math.round(pass(1, { workers: 3, takenSlots: 20 }).perSecond ?? NaN), 300)
})

t.test('follows a consumer that becomes five times slower, and faster again, within half a minute', async (t) => {
  const { pass } = start(100)
  pass(300, { worked: 1_000, takenSlots: 20 })
  const { perSecond: slow = NaN } = pass(30, { worked: 200, takenSlots: 20 })
  t.ok(slow < 250, `${slow} of 200`)
  const { perSecond: fast = NaN } = pass(30, { worked: 1_000, takenSlots: 20 })
  t.ok(fast > 800, `${fast} of 1,000`)
})

t.test('a clock that was set, a queue that was lost and counts that went back teach nothing', async (t) => {
  const { capacity, pass } = start()
  const { perSecond } = pass(60, BUSY)
  const now: WorkSample = { ...IDLE, at: 60_000, worked: 6_000, completed: 6_000, takenSlots: 20 }
  capacity.observe({ ...now, at: 3_600_000 })
  t.match(capacity.estimate, { evidence: 'held', perSecond })
  capacity.lose()
  capacity.observe({ ...now, at: 3_601_000, worked: 9_000, completed: 9_000 })
  t.match(capacity.estimate, { evidence: 'held', perSecond })
  capacity.observe({ ...now, at: 3_602_000, worked: 0, completed: 0 })
  t.ok((capacity.estimate.perSecond ?? NaN) <= (perSecond ?? NaN))
})

t.test('the safe estimate is below the truth about five times out of six, and nears it with evidence', async (t) => {
  const RUNS = 600
  for (const [seconds, meanGapMs] of [[20, 1_000], [60, 300]] as const) {
    let below = 0
    let shares = 0
    for (let seed = 0; seed < RUNS; seed++) {
      const random = mulberry32(seed)
      const capacity = new Capacity()
      let [worked, dueMs] = [0, 0]
      for (let at = 0; at <= seconds * 1_000; at += 100) {
        while (dueMs <= at) {
          worked += 10
          dueMs += -meanGapMs * Math.log(1 - random())
        }
        capacity.observe({ ...IDLE, at, worked, completed: worked, takenSlots: 20, inWork: 0 })
      }
      const truth = 10_000 / meanGapMs
      const { safePerSecond = NaN } = capacity.estimate
      if (safePerSecond <= truth) below++
      shares += safePerSecond / truth / RUNS
    }
    t.ok(below / RUNS > 0.78, `${below} of ${RUNS} are below it after ${seconds} s`)
    t.ok(shares > 0.7, `${shares} of the truth on average after ${seconds} s`)
  }
})

t.test('a single end of work that took no time has no safe bound, and is no NaN', async (t) => {
  const { perSecond, safePerSecond } = start(2_500).pass(2.5, { worked: 2 })
  t.strictSame([perSecond, safePerSecond], [Infinity, 0])
})

t.test('a failure weighs by the time since the last event left a worker', async (t) => {
  const { capacity, pass } = start()
  pass(60, BUSY)
  pass(19, { takenSlots: 20 })
  const { perSecond = NaN } = pass(1, { worked: 100, completed: 0, takenSlots: 20 })
  const share = perSecond / (capacity.workerSpeed?.perWorker ?? NaN)
  t.equal(share.toFixed(3), '0.250', 'two half-lives, without any success in them')
})

t.test('a step in which workers came or went teaches nothing', async (t) => {
  const { pass } = start()
  pass(30, BUSY)
  t.equal(pass(1, { ...BUSY, workers: 2, takenSlots: 40 }).evidence, 'held')
  t.equal(pass(1, { ...BUSY, workers: 2, takenSlots: 40 }).evidence, 'busy')
})

t.test('a backlog shows that workers are busy only if it was there all the time', async (t) => {
  const lightly = { worked: 100, takenSlots: 3, inWork: 10 }
  t.equal(start().pass(10, { ...lightly, waiting: 50 }).evidence, 'utilisation', 'they could have emptied it')
  t.equal(start().pass(10, { ...lightly, waiting: 500 }).evidence, 'busy')
  const { pass } = start(2_500)
  pass(10, { ...lightly, worked: 2, waiting: 9 })
  t.equal(pass(2.5, { ...lightly, worked: 2, waiting: 500 }).evidence, 'utilisation', 'it came just now')
})

t.test('counts that begin again leave the estimate as it is', async (t) => {
  const { capacity, pass } = start()
  pass(30, BUSY)
  capacity.observe({ ...IDLE, at: 31_000, takenSlots: 20 })
  t.ok(Math.round(capacity.estimate.perSecond ?? NaN) >= 90, `${capacity.estimate.perSecond}`)
})

t.test('a queue that cannot be read teaches nothing', async (t) => {
  const { capacity, pass } = start()
  t.equal(pass(30, BUSY).evidence, 'busy')
  capacity.lose()
  t.equal(capacity.estimate.evidence, 'held')
})

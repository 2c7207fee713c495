import t from 'tap'
import type { WorkSample } from '../../../services/control/capacity.ts'
import { measuredCapacity } from '../../../simulate/recording/measured-capacity.ts'

/** One sample a second of two workers, with so many events finished in each second. */
function samples (rates: readonly number[], of: (second: number) => Partial<WorkSample> = () => ({})): WorkSample[] {
  let worked = 0
  return rates.map((rate, second) => ({
    at: second * 1_000, arrived: 0, worked: worked += rate, completed: worked, waiting: 500, inWork: 20, workers: 2,
    slots: 40, takenSlots: 40, isPaused: false, isHeldUp: false, ...of(second)
  }))
}

const flat = (rate: number, seconds: number) => Array.from({ length: seconds }, () => rate)
const speeds = (work: readonly WorkSample[]) =>
  measuredCapacity(work, 0)!.changes.map(({ atMs, speed }) => [atMs / 1_000, Number(speed.toFixed(2))])

t.test('finished events are the capacity while there is a backlog', async (t) => {
  t.match(measuredCapacity(samples(flat(50, 31)), 0), { perSecond: 50, isMeasured: true, changes: [], eventsAtOnce: 20 })
})

t.test('workers with little to do show nothing of it', async (t) => {
  const work = samples([...flat(50, 30), ...flat(2, 30)], (second) => second < 30 ? {} : { waiting: 0 })
  const { perSecond } = measuredCapacity(work, 0)!
  t.equal(perSecond, 50)
  t.strictSame(speeds(work), [])
})

t.test('the speed changes with what is finished, and stops with the work', async (t) => {
  t.strictSame(speeds(samples([...flat(50, 41), ...flat(150, 40)])), [[0, 0.5], [40, 1.5], [80, 1]])
  const stalled = samples([...flat(50, 21), ...flat(0, 10), ...flat(50, 21)], (second) =>
    ({ isHeldUp: second > 20 && second <= 30 }))
  t.strictSame(speeds(stalled), [[21, 0], [31, 1]])
  t.equal(measuredCapacity(stalled, 0)!.perSecond, 50)
})

t.test('without a backlog the estimate of production stands', async (t) => {
  const work = samples(flat(50, 60), () => ({ waiting: 0, takenSlots: 10 }))
  const { perSecond, isMeasured } = measuredCapacity(work, 0)!
  t.notOk(isMeasured)
  t.ok(Math.abs(perSecond - 200) < 20, `${perSecond} with a quarter of the slots in use`)
})

t.test('no work, or work that nothing came of, is no evidence', async (t) => {
  t.equal(measuredCapacity([], 0), undefined)
  t.equal(measuredCapacity(samples(flat(0, 30)), 0), undefined)
  t.equal(measuredCapacity(samples(flat(50, 30), () => ({ completed: 0 })), 0), undefined)
})

import t from 'tap'
import fc from 'fast-check'
import { wholeWorkers, workersFor } from '../../../services/scaling/workers-needed.ts'

t.test('divides the work by the speed of one worker, and knows when it cannot', async (t) => {
  type Row = [perSecond: number, ratePerWorker: number | undefined, liveWorkers: number, workers: number | undefined]
  const table: Row[] = [
    [0, 100, 3, 0],
    [0, undefined, 0, 0],
    [0, undefined, 3, 0],
    [1, 100, 1, 0.01],
    [300, 100, 1, 3],
    [300, 100, 9, 3],
    [1, undefined, 0, 1],
    [1, undefined, 1, undefined],
    [1, 0, 1, undefined],
    [1, 0, 0, 1],
    [1, Infinity, 4, 0]
  ]
  for (const [perSecond, ratePerWorker, liveWorkers, workers] of table) {
    t.equal(workersFor({ perSecond, ratePerWorker, liveWorkers }), workers, `${perSecond}/s by ${ratePerWorker}/s each`)
  }
})

t.test('rounds up to whole workers, of which there is always one', async (t) => {
  const table: [number, number][] = [[0, 1], [0.2, 1], [1, 1], [1.001, 2], [0.3 / 0.1, 3], [3.0000000001, 3], [7.5, 8]]
  for (const [workers, whole] of table) t.equal(wholeWorkers(workers), whole, String(workers))
})

t.test('as many are enough, and one fewer is not', async (t) => {
  const workers = fc.double({ min: 0, max: 1e6, noNaN: true })
  t.doesNotThrow(() => fc.assert(fc.property(workers, (workers) => {
    const whole = wholeWorkers(workers)
    const slack = 1e-8 * workers
    return Number.isInteger(whole) && whole >= workers - slack && (whole === 1 || whole - 1 < workers)
  })))
})

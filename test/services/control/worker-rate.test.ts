import t from 'tap'
import { areSlotsFull, WorkerRate, type Work } from '../../../services/control/worker-rate.ts'

const HOUR = 3_600_000

/** A worker rate that saw `seconds` of this work, from `at` on. */
function seen (
  rate: WorkerRate,
  seconds: number,
  { events, workers = 1, utilisation }: { events: number, workers?: number, utilisation: number },
  at = 0
): WorkerRate {
  for (let second = 1; second <= seconds; second++) {
    const work: Work = {
      at: at + second * 1_000, elapsedMs: 1_000, events, workers, utilisation, inWork: 20, isBusy: utilisation >= 0.9
    }
    rate.observe(work)
  }
  return rate
}
const rounded = ({ speed }: WorkerRate) => speed && Math.round(speed.perWorker * 100) / 100

t.test('without evidence, or with a moment of it, nothing is known', async (t) => {
  t.equal(new WorkerRate().speed, undefined)
  t.equal(rounded(seen(new WorkerRate(), 1, { events: 50, utilisation: 1 })), undefined)
  t.equal(rounded(seen(new WorkerRate(), 100, { events: 0, utilisation: 1 })), undefined, 'nothing came of it yet')
})

t.test('busy workers are as fast as what they finish', async (t) => {
  t.equal(rounded(seen(new WorkerRate(), 5, { events: 50, utilisation: 1 })), 50)
  t.equal(rounded(seen(new WorkerRate(), 5, { events: 300, workers: 4, utilisation: 0.95 })), 75)
})

t.test('before they were ever busy, the share of slots taken tells', async (t) => {
  t.equal(rounded(seen(new WorkerRate(), 5, { events: 50, utilisation: 0.25 })), 200)
  t.equal(rounded(seen(new WorkerRate(), 5, { events: 50, workers: 2, utilisation: 0.5 })), 50)
  t.equal(
    seen(new WorkerRate(), 5, { events: 1, utilisation: 0 }).speed?.perWorker,
    Infinity,
    'so short that no sample met it'
  )
})

t.test('little work says nothing against what was measured when they were busy', async (t) => {
  const rate = seen(new WorkerRate(), 60, { events: 100, utilisation: 1 })
  t.equal(rounded(seen(rate, 600, { events: 3, utilisation: 0.05 }, 60_000)), 100)
})

t.test('what they get done while slots are free is proof', async (t) => {
  const rate = seen(new WorkerRate(), 60, { events: 100, utilisation: 1 })
  t.equal(rounded(seen(rate, 60, { events: 400, utilisation: 0.5 }, 60_000)), 400)
})

t.test('after an hour without a busy moment the share of slots taken may raise the estimate', async (t) => {
  const rate = seen(new WorkerRate(), 60, { events: 10, utilisation: 1 })
  seen(rate, 5, { events: 5, utilisation: 0.05 }, HOUR)
  t.equal(rounded(rate), 10)
  seen(rate, 70, { events: 5, utilisation: 0.05 }, HOUR + 120_000)
  t.equal(rounded(rate), 100)
  seen(rate, 60, { events: 10, utilisation: 1 }, HOUR + 240_000)
  t.equal(rounded(rate), 10, 'and the next busy moment tells better')
})

t.test('workers that get slower are as slow as they are now, whatever they did with slots free', async (t) => {
  const rate = seen(new WorkerRate(), 60, { events: 400, utilisation: 0.5 })
  t.equal(rounded(seen(rate, 30, { events: 20, utilisation: 1 }, 60_000)), 20)
})

t.test('nine of ten slots are busy', async (t) => {
  t.strictSame(
    [areSlotsFull(17, 20), areSlotsFull(18, 20), areSlotsFull(20, 20), areSlotsFull(0, 0)],
    [false, true, true, false]
  )
})

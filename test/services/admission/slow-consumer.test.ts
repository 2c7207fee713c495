import t from 'tap'
import { mulberry32 } from '../../../rig/random.ts'
import { WorkerPool } from '../scaling/worker-pool.ts'

const DRAIN_TARGET_MS = 60_000
/** The error that the figure may have, beyond the rounding to whole workers. */
const TOLERANCE = 0.25

interface Change {
  slots: number
  eventsPerBatch: number
  arrivalRate: number
  workers?: number
  fromMs: number
  toMs: number
  spread: number
}

const slowDowns: Record<string, Change> = {
  'by 20, after a fast phase that kept slots free': {
    slots: 4, eventsPerBatch: 20, arrivalRate: 335, fromMs: 200, toMs: 4_000, spread: 0
  },
  'by 20, batches that take more or less long': {
    slots: 4, eventsPerBatch: 20, arrivalRate: 335, fromMs: 200, toMs: 4_000, spread: 0.8
  },
  'by 20, many slots': { slots: 20, eventsPerBatch: 100, arrivalRate: 9_000, fromMs: 100, toMs: 2_000, spread: 0.5 },
  'by 20, a fast phase that filled the slots': {
    slots: 4, eventsPerBatch: 20, arrivalRate: 410, fromMs: 200, toMs: 4_000, spread: 0.2
  },
  'by 20, several workers': {
    slots: 4, eventsPerBatch: 20, arrivalRate: 900, workers: 3, fromMs: 200, toMs: 4_000, spread: 0.3
  },
  'by 5, one slot': { slots: 1, eventsPerBatch: 50, arrivalRate: 400, fromMs: 100, toMs: 500, spread: 0.3 },
  'by 2': { slots: 20, eventsPerBatch: 10, arrivalRate: 600, fromMs: 200, toMs: 400, spread: 0.3 }
}

for (const [name, { slots, eventsPerBatch, arrivalRate, workers = 1, fromMs, toMs, spread }] of Object.entries(
  slowDowns
)) {
  t.test(`a consumer that slows down needs more workers within 30 s, and fewer once it is fast again: ${name}`, async (t) => {
    for (let seed = 1; seed <= 10; seed++) {
      const pool = new WorkerPool({
        slots, eventsPerBatch, arrivalRate, workers, drainTargetMs: DRAIN_TARGET_MS, random: mulberry32(seed)
      })
      const check = (serviceMs: number, when: string) => {
        const truth = pool.truth(serviceMs)
        const { enough: needed = NaN } = pool
        t.ok(
          needed >= Math.floor(truth * (1 - TOLERANCE)) && needed <= Math.ceil(truth * (1 + TOLERANCE)) && needed >= 1,
          `${when}, seed ${seed}: ${needed} needed, ${truth.toFixed(2)} in truth`
        )
      }
      pool.pass(120, fromMs, spread)
      check(fromMs, 'fast')
      pool.pass(30, toMs, spread)
      check(toMs, 'slow for 30 s')
      pool.pass(60, toMs, spread)
      check(toMs, 'slow for 90 s')
      pool.pass(30, fromMs, spread)
      check(fromMs, 'fast again for 30 s')
    }
  })
}

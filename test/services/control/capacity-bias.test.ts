import t from 'tap'
import { mulberry32 } from '../../../rig/random.ts'
import { Capacity } from '../../../services/control/capacity.ts'

const SLOTS = 20
const SERVICE_MS = 500
const TRUTH = SLOTS * 1_000 / SERVICE_MS
const LOAD = 0.92
const STEP_MS = 10
const SAMPLE_MS = 100

/** Events in slots of one worker, with exponential service times and gaps; returns the mean estimate of its speed. */
function meanSpeed (seed: number, seconds: number): number {
  const random = mulberry32(seed)
  const capacity = new Capacity()
  let [arrived, worked, waiting, taken, sum, count] = [0, 0, 0, 0, 0, 0]
  for (let at = STEP_MS; at <= seconds * 1_000; at += STEP_MS) {
    if (random() < TRUTH * LOAD * STEP_MS / 1_000) {
      arrived++
      waiting++
    }
    for (let slot = taken; slot > 0; slot--) {
      if (random() < STEP_MS / SERVICE_MS) {
        worked++
        taken--
      }
    }
    const begun = Math.min(waiting, SLOTS - taken)
    waiting -= begun
    taken += begun
    if (at % SAMPLE_MS !== 0) continue
    capacity.observe({
      at, arrived, worked, completed: worked, waiting, inWork: taken, workers: 1, slots: SLOTS, takenSlots: taken,
      isPaused: false, isHeldUp: false
    })
    if (at < 120_000) continue
    sum += capacity.workerSpeed?.perWorker ?? 0
    count++
  }
  return sum / count
}

t.test('workers that are nearly always busy look no slower than they are', async (t) => {
  for (const seed of [1, 2, 3]) {
    const speed = meanSpeed(seed, 900)
    t.ok(Math.abs(speed / TRUTH - 1) < 0.03, `seed ${seed}: ${speed.toFixed(1)} of ${TRUTH} events/s`)
  }
})

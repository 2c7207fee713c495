import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { integer, pick } from '../../rig/random.ts'
import { CLOCK_SHIFTS_MS, shiftedClock } from '../stage/clock.ts'
import { STOP_DEADLINE_MS } from '../stage/stage.ts'

const LONGEST_OFF_MS = 3_000

export default {
  description: 'a worker comes back with a wrong clock, an hour ahead or behind, and later with the right one',
  targets: ['worker'], risk: 'throughout', lastsMs: [1_000, 3_000],
  inject: async ({ workers }, random) => {
    const worker = pick(random, workers)
    await worker.stop(STOP_DEADLINE_MS)
    worker.start(shiftedClock(pick(random, CLOCK_SHIFTS_MS)))
    await wait(integer(random, 1_000, LONGEST_OFF_MS))
  },
  end: async ({ workers }) => {
    await Promise.all(workers.map((worker) => worker.stop(STOP_DEADLINE_MS)))
    for (const worker of workers) worker.start()
  }
} satisfies Fault

import type { Fault } from '../fault.ts'
import { pick } from '../../rig/random.ts'
import { STOP_DEADLINE_MS } from '../stage/stage.ts'

export default {
  description: 'a worker is stopped in order, as for a deployment, and started again',
  targets: ['worker'], risk: 'none', lastsMs: [100, 1_000],
  inject: ({ workers }, random) => pick(random, workers).stop(STOP_DEADLINE_MS),
  end: ({ workers }) => { for (const worker of workers) worker.start() }
} satisfies Fault

import type { Fault } from '../fault.ts'
import { pick } from '../../rig/random.ts'

export default {
  description: 'a worker is killed in the middle of its batches and started again',
  targets: ['worker'], risk: 'strikes', lastsMs: [100, 2_500],
  inject: ({ workers }, random) => pick(random, workers).kill(),
  end: ({ workers }) => { for (const worker of workers) worker.start() }
} satisfies Fault

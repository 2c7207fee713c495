import type { Fault } from '../fault.ts'
import { pick } from '../../rig/random.ts'

export default {
  description: 'a worker stands still, sometimes until others have its batches, and goes on as if nothing had been',
  targets: ['worker'], risk: 'throughout', lastsMs: [500, 9_000], holdsCalls: true,
  inject: ({ workers }, random) => { pick(random, workers).signal('SIGSTOP') },
  end: ({ workers }) => { for (const worker of workers) worker.signal('SIGCONT') }
} satisfies Fault

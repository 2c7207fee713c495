import type { Fault } from '../fault.ts'

export default {
  description: 'all workers are killed and started again',
  targets: ['worker'], risk: 'strikes', lastsMs: [100, 2_500],
  inject: async ({ workers }) => { await Promise.all(workers.map((worker) => worker.kill())) },
  end: ({ workers }) => { for (const worker of workers) worker.start() }
} satisfies Fault

import type { Fault } from '../fault.ts'

export default {
  description: 'the worker is killed in the middle of its batches and started again',
  lastsMs: [100, 2_500],
  inject: ({ worker }) => worker.kill(),
  end: ({ worker }) => { worker.start() }
} satisfies Fault

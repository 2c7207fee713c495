import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'low events go first',
  module: 'services/queue/bullmq/batch-queue.ts',
  replace: [
    'opts: { priority: ',
    'opts: { priority: 100 - '
  ],
  expects: 'order',
  faults: ['slow-consumer'],
  seconds: 15
} satisfies Sabotage

import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'synced events are promised before a replica has them',
  module: 'services/queue/synced-queue.ts',
  replace: [
    'await Promise.all([...connections].map((redis) => wait(redis)))',
    'await Promise.resolve(wait)'
  ],
  expects: 'lost',
  faults: ['leave-replicas-behind'],
  redis: 'sentinel',
  seconds: 25
} satisfies Sabotage

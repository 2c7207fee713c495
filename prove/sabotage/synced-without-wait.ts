import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'synced events are promised before a replica has them',
  module: 'services/queue/synced-queue.ts',
  replace: [
    'await wait(redis)',
    'await Promise.resolve(wait)'
  ],
  expects: 'lost',
  faults: ['lag-replicas'],
  redis: 'sentinel',
  seconds: 20
} satisfies Sabotage

import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'damaged batches disappear without a report',
  module: 'services/queue/bullmq/job-rebuilder.ts',
  replace: [
    'damages.push({ key, keptAs, ...batchOf(id) })',
    '{}'
  ],
  expects: 'damage',
  faults: ['flip-append-only-file'],
  seconds: 10
} satisfies Sabotage

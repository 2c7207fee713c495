import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'every receipt says done',
  module: 'routes/api/v1/events/_id/index.ts',
  replace: [
    'return reply.send(finding)',
    'return reply.send({ ...finding, status: \'done\', finishedAt: new Date().toISOString() })'
  ],
  expects: 'receipts',
  faults: ['hang-consumer'],
  seconds: 12
} satisfies Sabotage

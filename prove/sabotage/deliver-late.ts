import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'no deadline ever passes',
  module: 'services/event/expiry.ts',
  replace: [
    'return expiresAt !== undefined && epochMsOf(expiresAt) <=',
    'return expiresAt === undefined && now() <='
  ],
  expects: 'deadline',
  faults: ['slow-consumer'],
  seconds: 15
} satisfies Sabotage

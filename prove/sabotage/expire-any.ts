import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'events without a deadline expire',
  module: 'services/event/expiry.ts',
  replace: [
    'return expiresAt !== undefined && epochMsOf(expiresAt) <=',
    'return expiresAt === undefined && now() <='
  ],
  expects: 'lost',
  faults: ['slow-consumer'],
  seconds: 15
} satisfies Sabotage

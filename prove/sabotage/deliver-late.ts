import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'no deadline ever passes',
  module: 'services/event/expiry.ts',
  replace: [
    'epochMsOf(expiresAt) <= now() + marginMs',
    'now() + marginMs < 0'
  ],
  expects: 'deadline',
  faults: ['outlast-deadlines'],
  seconds: 20
} satisfies Sabotage

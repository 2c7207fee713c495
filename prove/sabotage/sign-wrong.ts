import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the signature is not of what was sent',
  module: 'services/delivery/signature.ts',
  replace: [
    '${messageId}.${seconds}.${body}',
    '${messageId}.${body}'
  ],
  expects: 'signature',
  seconds: 10
} satisfies Sabotage

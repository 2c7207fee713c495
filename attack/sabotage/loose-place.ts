import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'an id with a zero in front names the same event',
  module: 'services/queue/batch.ts',
  replace: [
    '(0|[1-9]\\d{0,8})',
    '(\\d{1,9})'
  ],
  attack: 'tampered-ids',
  expects: 'breach'
} satisfies Sabotage

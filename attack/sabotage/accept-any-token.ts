import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'any token is accepted that has the length of the right one',
  module: 'services/access/admin-token.ts',
  replace: [
    'timingSafeEqual(digest(presented), expected)',
    'presented.length === token.length'
  ],
  attack: 'operator-access',
  expects: 'breach'
} satisfies Sabotage

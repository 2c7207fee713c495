import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'any token is accepted that is as long as a usual one',
  module: 'services/producer/authenticator.ts',
  replace: [
    'timingSafeEqual(presented, this.#adminDigest)',
    'text.length >= 16'
  ],
  attack: 'operator-access',
  expects: 'breach'
} satisfies Sabotage

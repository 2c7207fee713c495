import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the id of a key suffices',
  module: 'services/producer/authenticator.ts',
  replace: [
    'const isPresent = timingSafeEqual(presented, Buffer.from(sha256, \'hex\'))',
    'const isPresent = key !== undefined'
  ],
  attack: 'key-tampering',
  expects: 'breach'
} satisfies Sabotage

import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a JWT is verified with the key in its header',
  module: 'services/producer/tokens.ts',
  replace: [
    'await jwtVerify(text, key.resolve, {',
    'await jwtVerify(text, (head, jws) => head.jwk ?? key.resolve(head, jws), {'
  ],
  attack: 'forged-tokens',
  expects: 'breach'
} satisfies Sabotage

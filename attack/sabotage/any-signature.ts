import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the signature of a JWT is not verified',
  module: 'services/producer/tokens.ts',
  replace: [
    'await jwtVerify(text, key.resolve, {',
    'await (async (jwt) => ({ payload: decodeJwt(jwt) }))(text, {'
  ],
  attack: 'forged-tokens',
  expects: 'breach'
} satisfies Sabotage

import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a JWT with the algorithm none is accepted',
  module: 'services/producer/tokens.ts',
  replace: [
    'const header = headerOf(text)\n',
    // The characters are the beginning of {"alg":"none"} in base64url.
    'if (text.startsWith("eyJhbGciOiJub25lI")) return producerOfClaims(decodeJwt(text), this.#options).value\n' +
      '    const header = headerOf(text)\n'
  ],
  attack: 'forged-tokens',
  expects: 'breach'
} satisfies Sabotage

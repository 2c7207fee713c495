import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'each guess of a key stays in memory',
  module: 'services/producer/authenticator.ts',
  replace: [
    'if (id === undefined) return \'wrong\'',
    'if (id === undefined) return \'wrong\'\n    if (keys.find(id) === undefined) (globalThis.kept ??= []).push(Buffer.alloc(100_000, 1))'
  ],
  attack: 'unknown-keys',
  expects: 'memory'
} satisfies Sabotage

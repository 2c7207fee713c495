import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'each guess of a key stays in memory',
  module: 'services/producer/authenticator.ts',
  replace: [
    'const key = keys.find(id)\n',
    'const key = keys.find(id)\n    if (key === undefined) (globalThis.kept ??= []).push(Buffer.alloc(100_000, 1))\n'
  ],
  attack: 'unknown-keys',
  expects: 'memory'
} satisfies Sabotage

import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the 202 comes a second before the event is stored',
  module: 'services/intake/batcher.ts',
  replace: [
    'return { isStored: true, result: await this.#options.write(batch, bytes) }',
    'setTimeout(() => { this.#options.write(batch, bytes).catch(() => {}) }, 1_000)\n      return { isStored: ' +
    'true, result: { durability: \'queued\', repeats: new Map() } as Result }'
  ],
  expects: 'lost',
  faults: ['kill-api'],
  seconds: 10
} satisfies Sabotage

import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the 202 comes before the event is stored',
  module: 'services/queue/batcher.ts',
  replace: [
    'return { isStored: true, result: await this.#options.write(batch) }',
    'this.#options.write(batch).catch(() => {})\n      return { isStored: true, result: { durability: \'queued\', repeats: new Map() } as Result }'
  ],
  expects: 'lost',
  faults: ['kill-redis'],
  seconds: 8
} satisfies Sabotage

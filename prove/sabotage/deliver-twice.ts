import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'every batch is delivered twice',
  module: 'services/delivery/delivery-client.ts',
  replace: [
    'if (state === \'taking\') return await',
    'if (state === \'taking\') await this.#deliver(events, signal, () => {})\n    if (state === \'taking\') return ' +
    'await'
  ],
  expects: 'duplicates',
  seconds: 5
} satisfies Sabotage

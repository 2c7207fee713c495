import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the ledger counts events at the entrance twice',
  module: 'services/ledger/door-ledger.ts',
  replace: [
    'this.#outcomes[outcome][classOf(priority)]++',
    'this.#outcomes[outcome][classOf(priority)] += 2'
  ],
  expects: 'ledger',
  seconds: 3
} satisfies Sabotage

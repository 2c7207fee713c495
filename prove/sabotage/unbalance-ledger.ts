import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the ledger counts events at the entrance twice',
  module: 'services/ledger/admission-ledger.ts',
  replace: [
    'this.#outcomes[outcome][ledgerClass]++',
    'this.#outcomes[outcome][ledgerClass] += 2'
  ],
  expects: 'ledger',
  seconds: 3
} satisfies Sabotage

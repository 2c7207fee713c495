import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'what is not HTTP gets neither an answer nor an end',
  module: 'services/connections/connections.ts',
  replace: [
    "this.#count(isLate(broken) ? 'late-head' : 'not-http')",
    "this.#count(isLate(broken) ? 'late-head' : 'not-http')\n    return"
  ],
  attack: 'header-floods',
  expects: 'silence'
} satisfies Sabotage

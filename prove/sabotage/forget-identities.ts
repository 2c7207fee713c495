import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'no event is recognized that comes again',
  module: 'services/intake/event-intake.ts',
  replace: [
    'key: this.#remembersEvents ?',
    'key: this.#remembersEvents && false ?'
  ],
  expects: 'answers',
  seconds: 15
} satisfies Sabotage

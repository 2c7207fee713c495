import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'x', module: 'x', replace: ['a', 'b'], attack: 'fuzz-content', expects: 'secret'
} satisfies Sabotage

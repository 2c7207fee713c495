import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a dead letter is shown to every organization',
  module: 'services/dead-letters/dead-letter-reader.ts',
  replace: [
    'return within === undefined || found?.event.organizationId === within ? found : undefined',
    'return found'
  ],
  attack: 'two-organizations',
  expects: 'breach'
} satisfies Sabotage

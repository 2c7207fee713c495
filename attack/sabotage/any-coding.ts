import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a coding beside a chunked one is accepted',
  module: 'services/connections/request-fault.ts',
  replace: [
    'if (coding !== undefined && coding.trim().toLowerCase() !== \'chunked\') {',
    'if (coding === \'never\') {'
  ],
  attack: 'http-shapes',
  expects: 'breach'
} satisfies Sabotage

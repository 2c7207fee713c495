import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'no checksum of a batch in Redis is compared',
  module: 'services/queue/checksum.ts',
  replace: [
    'return text.endsWith(`${checksum(id, content)}${END}`) ? `${content}}` : undefined',
    'return `${content}}`'
  ],
  expects: 'damage',
  faults: ['flip-stored-batch'],
  seconds: 12
} satisfies Sabotage

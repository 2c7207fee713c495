import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the consumer is not told the organization',
  module: 'services/delivery/delivery-client.ts',
  replace: [
    'if (events.length === 0) return { outcomes: [] }',
    'events = events.map((event) => ({ ...event, organizationId: undefined }))\n    if (events.length === 0) ' +
    'return { outcomes: [] }'
  ],
  expects: 'organization',
  seconds: 10
} satisfies Sabotage

import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the consumer gets another type',
  module: 'services/delivery/delivery-client.ts',
  replace: [
    'if (events.length === 0) return { outcomes: [] }',
    'events = events.map((event) => ({ ...event, type: `${event.type}x` }))\n    if (events.length === 0) return { ' +
    'outcomes: [] }'
  ],
  expects: 'type',
  seconds: 10
} satisfies Sabotage

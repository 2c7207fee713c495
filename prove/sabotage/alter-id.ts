import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the consumer gets another id than the producer',
  module: 'services/delivery/delivery-client.ts',
  replace: [
    'if (events.length === 0) return { outcomes: [] }',
    'events = events.map((event) => ({ ...event, id: `${event.id}x` }))\n    if (events.length === 0) return { ' +
    'outcomes: [] }'
  ],
  expects: 'id',
  seconds: 10
} satisfies Sabotage

import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the consumer gets another priority',
  module: 'services/delivery/delivery-client.ts',
  replace: [
    'if (events.length === 0) return { outcomes: [] }',
    'events = events.map((event) => ({ ...event, priority: event.priority % 10 + 1 }))\n    if (events.length === ' +
    '0) return { outcomes: [] }'
  ],
  expects: 'priority',
  seconds: 10
} satisfies Sabotage

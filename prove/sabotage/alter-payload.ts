import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the consumer gets another payload',
  module: 'services/delivery/delivery-client.ts',
  replace: [
    'if (events.length === 0) return { outcomes: [] }',
    'events = events.map((event) => ({ ...event, payload: { sequence: event.payload?.sequence }, payloadText: ' +
    'undefined }))\n    if (events.length === 0) return { outcomes: [] }'
  ],
  expects: 'payload',
  seconds: 10
} satisfies Sabotage

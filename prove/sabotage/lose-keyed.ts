import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'events with an Idempotency-Key are thrown away after their 202',
  module: 'routes/api/v1/answer-event.ts',
  replace: [
    'const submit = () => eventBus.submit(',
    'const submit = () => request.headers[\'idempotency-key\'] !== undefined ? answer(reply, Object.assign(event, ' +
    '{ id: event.id || \'made-up\' }), { status: \'accepted\', durability }) : eventBus.submit('
  ],
  expects: 'lost',
  seconds: 4
} satisfies Sabotage

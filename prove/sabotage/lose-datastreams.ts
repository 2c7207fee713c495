import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'readings are thrown away after their 202',
  module: 'routes/api/v1/answer-event.ts',
  replace: [
    'const submit = () => eventBus.submit(',
    'const submit = () => request.url.includes(\'datastreams\') ? answer(reply, Object.assign(event, { id: ' +
    'event.id || \'made-up\' }), { status: \'accepted\', durability }) : eventBus.submit('
  ],
  expects: 'lost',
  seconds: 4
} satisfies Sabotage

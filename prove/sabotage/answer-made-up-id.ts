import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the 202 names an id that nothing has',
  module: 'routes/api/v1/answer-event.ts',
  replace: [
    '{"id":${JSON.stringify(id)}',
    '{"id":${JSON.stringify(`${id}x`)}'
  ],
  expects: 'id',
  seconds: 10
} satisfies Sabotage

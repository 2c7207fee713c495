import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'an unknown media type ends the process',
  module: 'plugins/problem-details.ts',
  replace: [
    'if (status === 415) reply.header',
    'if (status === 415) process.abort()\n    if (status === 415) reply.header'
  ],
  attack: 'http-shapes',
  expects: 'crash'
} satisfies Sabotage

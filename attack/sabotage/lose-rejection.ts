import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'an unknown media type leaves a rejected promise behind',
  module: 'plugins/problem-details.ts',
  replace: [
    'if (status === 415) reply.header',
    'if (status === 415) void Promise.reject(new Error(\'lost\'))\n    if (status === 415) reply.header'
  ],
  attack: 'http-shapes',
  expects: 'rejection'
} satisfies Sabotage

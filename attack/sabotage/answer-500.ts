import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'a fault of the client is answered as one of the service',
  module: 'plugins/problem-details.ts',
  replace: [
    'const status = error.statusCode ?? 500',
    'const status = 500'
  ],
  attack: 'hostile-values',
  expects: 'server-error'
} satisfies Sabotage

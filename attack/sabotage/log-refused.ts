import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the refusal of a key logs its request',
  module: 'plugins/producers.ts',
  replace: [
    'logRefused(new Error(cause))',
    'logRefused(new Error(cause))\n    log.info({ event: \'x\', headers: reply.request.headers }, \'x\')'
  ],
  attack: 'secrets',
  expects: 'secret'
} satisfies Sabotage

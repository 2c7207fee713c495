import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'the refusal of a key logs its request',
  module: 'plugins/producers.ts',
  replace: [
    'logRefused(new Error(String(problem.reason ?? problem.slug)))',
    'logRefused(new Error(String(problem.reason ?? problem.slug)))\n    log.info({ event: \'x\', headers: reply.request.headers }, \'x\')'
  ],
  attack: 'secrets',
  expects: 'secret'
} satisfies Sabotage

import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'deliveries go to every address that the name of the consumer resolves to',
  module: 'services/delivery/delivery-client.ts',
  replace: [
    '      outbound\n    })',
    '      outbound: new Outbound({ networks: \'public, private, loopback, link-local\' })\n    })'
  ],
  attack: 'dns-rebinding',
  expects: 'breach'
} satisfies Sabotage

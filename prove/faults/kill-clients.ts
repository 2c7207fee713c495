import type { Fault } from '../fault.ts'

export default {
  description: 'an operator runs CLIENT KILL on all connections to Redis',
  targets: ['redis', 'way'], risk: 'strikes', lastsMs: [100, 500],
  inject: async ({ redis }) => { await redis.command('CLIENT KILL TYPE normal SKIPME yes') },
  end: () => {}
} satisfies Fault

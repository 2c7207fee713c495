import type { Fault } from '../fault.ts'

export default {
  description: 'an operator has a replica promoted while the master works',
  targets: ['redis', 'way'], risk: 'throughout', lastsMs: [1_000, 2_000],
  obstacle: ({ redis }) => redis.replicas.length === 0 ? 'Redis has no replicas' : undefined,
  inject: async ({ redis }) => { await redis.promote() },
  end: () => {}
} satisfies Fault

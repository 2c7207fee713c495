import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { integer } from '../../rig/random.ts'

export default {
  description: 'the replicas stand still, the master goes on for a while and is killed: one of them becomes the master without its last writes',
  targets: ['redis', 'way'], risk: 'throughout', lastsMs: [1_000, 2_500], isAlone: true,
  obstacle: ({ redis }) => redis.replicas.length === 0 ? 'Redis has no replicas' : undefined,
  inject: async ({ redis }, random) => {
    for (const replica of redis.replicas) replica.signal('SIGSTOP')
    await wait(integer(random, 300, 1_200))
    await redis.kill()
    redis.signal('SIGCONT')
  },
  end: ({ redis }) => { redis.start() }
} satisfies Fault

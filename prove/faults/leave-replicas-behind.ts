import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { integer } from '../../rig/random.ts'

const PROMOTION_DEADLINE_MS = 20_000
const POLL_INTERVAL_MS = 50

export default {
  description:
    'while the consumer hangs, the replicas are killed, the master goes on alone for a while and is killed, too; the ' +
    'replicas come back first, and one of them becomes the master without the last writes',
  targets: ['redis', 'way', 'consumer', 'worker'], risk: 'throughout', lastsMs: [200, 1_500], isAlone: true,
  obstacle: ({ redis }) => redis.replicas.length === 0 ? 'Redis has no replicas' : undefined,
  inject: async ({ redis, consumer }, random) => {
    // An event that has arrived cannot be lost any more.
    consumer.behave('hanging')
    const { replicas, master } = redis
    // Otherwise it would refuse all writes.
    await redis.command('CONFIG SET min-replicas-to-write 0')
    await Promise.all(replicas.map((replica) => replica.kill()))
    await wait(integer(random, 300, 1_500))
    await redis.kill()
    for (const replica of replicas) replica.start()
    const deadline = performance.now() + PROMOTION_DEADLINE_MS
    while (redis.master === master && performance.now() < deadline) await wait(POLL_INTERVAL_MS)
  },
  end: ({ redis, consumer }) => {
    redis.start()
    consumer.behave('well')
  }
} satisfies Fault

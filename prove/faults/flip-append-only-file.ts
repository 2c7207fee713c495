import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { integer } from '../../rig/random.ts'
import { FILLING_MS, waitingBatches } from '../stage/waiting-batches.ts'

const MOST_BATCHES = 4

export default {
  description:
    'Redis is killed, and a bit flips in each of several batches in its append-only file, which Redis does not notice',
  targets: ['consumer', 'worker', 'redis', 'way', 'load'], risk: 'strikes', lastsMs: [100, 1_500], isAlone: true,
  obstacle: ({ redis }) => redis.replicas.length > 0 ? 'the replicas have the data, too' : undefined,
  inject: async ({ consumer, redis, flood, account }, random) => {
    consumer.behave('hanging')
    flood(200, 'normal')
    await wait(FILLING_MS)
    const batches = await waitingBatches(redis, integer(random, 1, MOST_BATCHES), random)
    await redis.kill()
    const file = redis.file.read()
    for (const { id, text } of batches) {
      const data = Buffer.from(text)
      // Redis has written it anew in another form if the batch is from before a rewrite of the file.
      const place = file.lastIndexOf(data)
      if (place === -1) continue
      const bit = integer(random, 0, 8 * data.length - 1)
      redis.file.flip(place + (bit >> 3), bit & 7)
      account.damage('queue', id, text)
    }
  },
  end: ({ consumer, redis }) => {
    redis.start()
    consumer.behave('well')
  }
} satisfies Fault

import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { integer } from '../../rig/random.ts'
import { FILLING_MS, flipStored, waitingBatches } from '../stage/waiting-batches.ts'

const MOST_BATCHES = 4

export default {
  description: 'a bit flips in each of several batches that wait in Redis: Spillway has to report them and to deliver the rest',
  targets: ['consumer', 'worker', 'redis', 'way', 'load'], risk: 'strikes', lastsMs: [500, 2_000], isAlone: true,
  inject: async ({ consumer, redis, flood, account }, random) => {
    consumer.behave('hanging')
    flood(200, 'normal')
    await wait(FILLING_MS)
    for (const batch of await waitingBatches(redis, integer(random, 1, MOST_BATCHES), random)) {
      if (await flipStored(redis, batch, random)) account.damage('queue', batch.id, batch.text)
    }
  },
  end: ({ consumer }) => { consumer.behave('well') }
} satisfies Fault

import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { integer, shuffled } from '../../rig/random.ts'

const SPOOLING_MS = 600
const MOST_FILES = 3
const EVENTS = 30

export default {
  description: 'Redis is killed, and a bit flips in each of several files of the spool: Spillway has to report them and to keep the rest',
  targets: ['redis', 'way', 'disk', 'api', 'load'], risk: 'strikes', lastsMs: [100, 1_500], isAlone: true,
  inject: async ({ redis, spools, flood, account }, random) => {
    await redis.kill()
    flood(EVENTS, 'critical')
    await wait(SPOOLING_MS)
    for (const file of shuffled(random, spools.files()).slice(0, integer(random, 1, MOST_FILES))) {
      const batch = spools.batchIn(file)
      spools.flip(file, random())
      account.damage('spool', file.batchId, batch)
    }
  },
  end: ({ redis }) => { redis.start() }
} satisfies Fault

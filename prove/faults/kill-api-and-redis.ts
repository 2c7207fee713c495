import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { integer, pick } from '../../rig/random.ts'

const SHORTEST_SPOOLING_MS = 300
const LONGEST_SPOOLING_MS = 1_200
const LONGEST_LONELY_MS = 1_500

export default {
  description:
    'Redis is killed, then an API that spools meanwhile, and the API comes back first: it has to find its spool again',
  targets: ['api', 'redis', 'way'], risk: 'strikes', lastsMs: [100, 1_000],
  inject: async ({ apis, redis }, random) => {
    await redis.kill()
    await wait(integer(random, SHORTEST_SPOOLING_MS, LONGEST_SPOOLING_MS))
    await pick(random, apis).kill()
  },
  end: async ({ apis, redis }, random) => {
    for (const api of apis) api.start()
    await wait(integer(random, 0, LONGEST_LONELY_MS))
    redis.start()
  }
} satisfies Fault

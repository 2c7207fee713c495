import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { LEVELS } from '../event/level.ts'
import { integer, shuffled } from '../../rig/random.ts'

const SPOOLING_MS = 800
const EVENTS = 30
/** Up to so long after the cut the disk of Redis still takes bytes, of which an arbitrary part is left. */
const LONGEST_TAIL_MS = 80

export default {
  description:
    'the power is cut: every process ends, files of the spool that were not synced are gone, and the append-only file ' +
    'ends in the middle of a command',
  targets: ['api', 'worker', 'redis', 'way', 'disk', 'load'], risk: 'rollback', lastsMs: [100, 1_000], isAlone: true,
  obstacle: ({ redis }) => redis.replicas.length > 0 ? 'the replicas have the data, too' : undefined,
  inject: async ({ apis, workers, redis, spools, flood, account }, random) => {
    const isSpooling = random() < 0.5
    if (isSpooling) {
      await redis.kill()
      flood(EVENTS, 'critical')
      await wait(SPOOLING_MS)
    }
    // Everything promised before this moment has to survive. The spool is copied first: an event that leaves it
    // meanwhile is in the file of Redis, too, and the queue recognizes it.
    const fromMs = account.now()
    const clone = spools.clone()
    const { path, bytes } = redis.file
    await wait(integer(random, 0, LONGEST_TAIL_MS))
    const last = redis.file.path === path ? redis.file.bytes : undefined
    await Promise.all([redis, ...apis, ...workers].map((program) => program.kill()))
    // Redis only appends, so a copy of that moment is the beginning of the present file.
    if (last !== undefined && redis.file.path === path) redis.file.truncate(integer(random, bytes, last))
    spools.restore(clone)
    account.rollBack({ fromMs, toMs: account.now(), levels: LEVELS })
  },
  end: async ({ apis, workers, redis }, random) => {
    for (const program of shuffled(random, [redis, ...apis, ...workers])) program.start()
    await redis.rewriteFile()
  }
} satisfies Fault

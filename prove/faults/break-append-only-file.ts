import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { integer, pick } from '../../rig/random.ts'
import { untilDrained } from '../stage/until-drained.ts'

/** The beginning of a command in the file. */
const COMMAND = /\*\d+\r\n\$/g

export default {
  description:
    'Redis is killed, and a bit of the structure of its append-only file flips: it does not start, and the operator ' +
    'cuts off the file there, as the runbook says',
  targets: ['redis', 'way', 'api', 'worker'], risk: 'rollback', lastsMs: [100, 1_000], isAlone: true,
  obstacle: ({ redis, proxy }) =>
    redis.replicas.length > 0 ? 'the replicas have the data, too' : redis.file.obstacle ?? proxy.obstacle,
  inject: async ({ redis, urls, account }, random) => {
    // An event that leaves a spool after this moment would be in neither place.
    await untilDrained(urls)
    const { path, bytes } = redis.file
    const fromMs = account.now()
    await wait(integer(random, 200, 900))
    await redis.kill()
    const text = redis.file.read().toString('latin1')
    const places = [...text.matchAll(COMMAND)].map(({ index }) => index).filter((index) => index >= bytes)
    if (redis.file.path !== path || places.length === 0) return
    redis.file.flip(pick(random, places), integer(random, 0, 7))
    const left = redis.file.mend()
    if (left < bytes) throw new Error(`redis-check-aof left ${left} bytes, ${bytes} were there before the fault`)
    account.rollBack({ fromMs, toMs: account.now(), levels: ['queued', 'synced'] })
  },
  end: ({ redis }) => { redis.start() }
} satisfies Fault

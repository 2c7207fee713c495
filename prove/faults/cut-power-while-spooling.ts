import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { cutPower, restorePower } from '../stage/power-cut.ts'

const SPOOLING_MS = 800
const EVENTS = 30

export default {
  description: 'Redis is killed, and then the power is cut: every process ends, and files of the spool that were not synced are gone',
  targets: ['api', 'worker', 'redis', 'way', 'disk', 'load'], risk: 'rollback', lastsMs: [100, 1_000], isAlone: true,
  obstacle: ({ redis }) => redis.replicas.length > 0 ? 'the replicas have the data, too' : undefined,
  inject: async (scene, random) => {
    await scene.redis.kill()
    scene.flood(EVENTS, 'critical')
    await wait(SPOOLING_MS)
    await cutPower(scene, random)
  },
  end: restorePower
} satisfies Fault

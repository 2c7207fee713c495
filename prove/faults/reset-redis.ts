import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import { integer } from '../../rig/random.ts'

export default {
  description: 'the connections to Redis are reset, one to four times in a row',
  targets: ['way', 'redis'], risk: 'throughout', lastsMs: [100, 500],
  obstacle: ({ proxy }) => proxy.obstacle,
  inject: async ({ proxy }, random) => {
    for (let times = integer(random, 1, 4); times > 0; times--) {
      proxy.reset()
      await wait(integer(random, 0, 300))
    }
  },
  end: () => {}
} satisfies Fault

import type { Fault } from '../fault.ts'
import { integer } from '../../rig/random.ts'

export default {
  description: 'the way to Redis is long: each answer takes up to half a second',
  targets: ['way', 'redis'], risk: 'throughout', lastsMs: [1_000, 4_000],
  obstacle: ({ proxy }) => proxy.obstacle,
  inject: ({ proxy }, random) => { proxy.delayBy(integer(random, 20, 250)) },
  end: ({ proxy }) => { proxy.delayBy(0) }
} satisfies Fault

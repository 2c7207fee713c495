import type { Fault } from '../fault.ts'

export default {
  description: 'the way to Redis is a black hole: what is sent is gone, and no connection ends',
  targets: ['way', 'redis'], risk: 'throughout', lastsMs: [500, 3_000],
  obstacle: ({ proxy }) => proxy.obstacle,
  inject: ({ proxy }) => { proxy.swallow() },
  end: ({ proxy }) => { proxy.resume() }
} satisfies Fault

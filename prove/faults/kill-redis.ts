import type { Fault } from '../fault.ts'

export default {
  description: 'Redis is killed and started again on its append-only file',
  targets: ['redis', 'way'], risk: 'strikes', lastsMs: [100, 2_500],
  inject: ({ redis }) => redis.kill(),
  end: ({ redis }) => { redis.start() }
} satisfies Fault

import type { Fault } from '../fault.ts'
import { cutPower, restorePower } from '../stage/power-cut.ts'

export default {
  description: 'the power is cut: every process ends, and the append-only file ends in the middle of a command',
  targets: ['api', 'worker', 'redis', 'way', 'disk'], risk: 'rollback', lastsMs: [100, 1_000], isAlone: true,
  obstacle: ({ redis }) => redis.replicas.length > 0 ? 'the replicas have the data, too' : undefined,
  inject: cutPower,
  end: restorePower
} satisfies Fault

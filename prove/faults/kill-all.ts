import type { Fault } from '../fault.ts'
import { shuffled } from '../../rig/random.ts'

export default {
  description:
    'everything is killed at once, as by the loss of power of a machine whose disk had all, and started again in ' +
    'any order',
  targets: ['api', 'worker', 'redis', 'way', 'disk'], risk: 'strikes', lastsMs: [100, 1_500],
  inject: async ({ apis, workers, redis }) => {
    await Promise.all([...redis.parts, ...apis, ...workers].map((program) => program.kill()))
  },
  end: ({ apis, workers, redis }, random) => {
    for (const program of shuffled(random, [...redis.parts, ...apis, ...workers])) program.start()
  }
} satisfies Fault

import { once } from 'node:events'
import { join } from 'node:path'
import { startFork } from '../process/child.ts'
import type { Sample } from '../result.ts'
import type { Scenario } from '../scenario.ts'
import { nothing } from '../subject/nothing.ts'

const PROGRAM = join(import.meta.dirname, '../decision/decide.ts')

export default {
  title: 'a million decisions of the admission controller, timed one by one',
  cases: {
    spillway: {
      subject: nothing,
      measure: async () => {
        const program = startFork(PROGRAM)
        try {
          const [sample] = await once(program.child, 'message') as [Sample]
          return sample
        } finally {
          await program.stop()
        }
      }
    }
  },
  ratios: [{ what: 'a decision at p99, µs', of: 'spillway', metric: 'p99Micros', kind: 'value', bar: { atMost: 2 } }],
  quick: ['spillway']
} satisfies Scenario

import { goodput } from '../measure/goodput.ts'
import { openLoop } from '../measure/open-loop.ts'
import type { LoadResult } from '../../rig/load/job.ts'
import type { Scenario } from '../scenario.ts'
import { delivering } from '../subject/delivering.ts'
import { singlePosts } from '../traffic/post.ts'

const CAPACITY_PER_SECOND = 1_000
const OFFERED_PER_SECOND = 2 * CAPACITY_PER_SECOND
const keys = { QUEUE_RECOVERY_THRESHOLD: '250', QUEUE_WARNING_THRESHOLD: '500', QUEUE_CRITICAL_THRESHOLD: '1000' }

/** A tenth is critical; the others together exceed the capacity of the consumer. */
const CLASSES = [
  { name: 'Critical', priority: 1, share: 0.1 },
  { name: 'Normal', priority: 4, share: 0.4 },
  { name: 'Low', priority: 8, share: 0.5 }
]

export default {
  title:
    `priorities mixed at twice the capacity of a consumer of ${CAPACITY_PER_SECOND} events per second: who is refused`,
  cases: {
    spillway: {
      subject: delivering({ keys, capacityPerSecond: CAPACITY_PER_SECOND }),
      measure: async (stage) => {
        // One generator per class separates their answers.
        const loads = CLASSES.map(({ priority, share }) =>
          openLoop(stage, { requests: singlePosts({ priority }), ratePerSecond: OFFERED_PER_SECOND * share })
        )
        const [goodputPerSecond, ...results] = await Promise.all([goodput(stage), ...loads])
        const perClass = results.flatMap((result: LoadResult, index) => {
          const { accepted, shed, other, failed, p99Ms } = result
          const name = CLASSES[index]?.name
          return [[`shedShare${name}`, shed / (accepted + shed + other + failed)], [`failed${name}`, other + failed], [
            `p99Ms${name}`,
            p99Ms
          ]]
        })
        return { goodputPerSecond, ...Object.fromEntries(perClass) as Record<string, number> }
      }
    }
  },
  ratios: [
    {
      what: 'share of critical events refused',
      of: 'spillway',
      metric: 'shedShareCritical',
      kind: 'value',
      bar: { atMost: 0 }
    },
    { what: 'share of normal events refused', of: 'spillway', metric: 'shedShareNormal', kind: 'value' },
    { what: 'share of low events refused', of: 'spillway', metric: 'shedShareLow', kind: 'value' }
  ]
} satisfies Scenario

import { goodput } from '../measure/goodput.ts'
import { openLoop } from '../measure/open-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import type { Case, Scenario } from '../scenario.ts'
import { delivering } from '../subject/delivering.ts'
import { singlePosts } from '../traffic/post.ts'

const CAPACITY_PER_SECOND = 1_000
/** The warning threshold is half a second of work, the critical threshold a second. */
const keys = { QUEUE_RECOVERY_THRESHOLD: '250', QUEUE_WARNING_THRESHOLD: '500', QUEUE_CRITICAL_THRESHOLD: '1000' }

const requests = singlePosts()

const atTimes = (times: number): Case => ({
  subject: delivering({ keys, capacityPerSecond: CAPACITY_PER_SECOND }),
  measure: async (stage) => {
    const [result, goodputPerSecond] = await Promise.all([
      openLoop(stage, { requests, ratePerSecond: CAPACITY_PER_SECOND * times }),
      goodput(stage)
    ])
    return { goodputPerSecond, capacityShare: goodputPerSecond / CAPACITY_PER_SECOND, ...sampleOf(result, 'answer') }
  }
})

export default {
  title:
    `events finished by a consumer of ${CAPACITY_PER_SECOND} events per second, offered as many and five times as many`,
  cases: { 'spillway@1': atTimes(1), 'spillway@2': atTimes(2), 'spillway@5': atTimes(5) },
  ratios: [
    {
      what: 'finished per second at 5 times the capacity, to those at the capacity',
      of: 'spillway@5',
      to: 'spillway@1',
      metric: 'goodputPerSecond',
      bar: { atLeast: 0.95 }
    },
    {
      what: 'share of the capacity that is used at 5 times the capacity',
      of: 'spillway@5',
      metric: 'capacityShare',
      kind: 'value',
      bar: { atLeast: 0.95 }
    },
    {
      what: 'share of the capacity that is used at twice the capacity',
      of: 'spillway@2',
      metric: 'capacityShare',
      kind: 'value',
      bar: { atLeast: 0.95 }
    }
  ]
} satisfies Scenario

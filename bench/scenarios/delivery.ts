import { closedLoop } from '../measure/closed-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import { stream } from '../measure/stream.ts'
import type { Scenario } from '../scenario.ts'
import { delivering } from '../subject/delivering.ts'
import { singlePosts } from '../traffic/post.ts'

const requests = singlePosts()
const UNBOUNDED = 0

export default {
  title: 'delivered to a consumer that answers at once, from the first post to the last event done',
  cases: {
    'spillway@single-posts': {
      subject: delivering({ capacityPerSecond: UNBOUNDED }),
      measure: async (stage) => sampleOf(await closedLoop(stage, { requests, drains: true }))
    },
    'spillway@ndjson': {
      subject: delivering({ capacityPerSecond: UNBOUNDED }),
      measure: async (stage) => sampleOf(await stream(stage, { drains: true }))
    }
  },
  ratios: [
    {
      what: 'CPU of the worker per event in full batches, to single posts',
      of: 'spillway@ndjson',
      to: 'spillway@single-posts',
      metric: 'workerMicrosPerEvent'
    }
  ]
} satisfies Scenario

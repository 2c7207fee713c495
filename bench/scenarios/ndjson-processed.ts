import { closedLoop } from '../measure/closed-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import { stream } from '../measure/stream.ts'
import type { Scenario } from '../scenario.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import { singlePosts } from '../traffic/post.ts'

const requests = singlePosts()

export default {
  title:
    'one NDJSON stream, accepted and processed by a worker of its own that does nothing, beside single posts at ' +
    'the peers',
  cases: {
    'spillway': {
      subject: spillway({ hasWorker: true }),
      measure: async (stage) => sampleOf(await stream(stage, { drains: true }))
    },
    'job-per-event': {
      subject: peer('job-per-event', { worker: 'job-worker' }),
      measure: async (stage) => sampleOf(await closedLoop(stage, { requests, drains: true }))
    }
  },
  ratios: [
    {
      what: 'processed per second, to a job per event',
      of: 'spillway',
      to: 'job-per-event',
      metric: 'eventsPerSecond',
      bar: { atLeast: 20 }
    },
    {
      what: 'CPU of the worker, to a job per event',
      of: 'spillway',
      to: 'job-per-event',
      metric: 'workerMicrosPerEvent'
    }
  ],
  quick: ['spillway', 'job-per-event']
} satisfies Scenario

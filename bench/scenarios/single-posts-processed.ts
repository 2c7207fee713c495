import { closedLoop } from '../measure/closed-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import { singlePosts } from '../traffic/post.ts'

const requests = singlePosts()
const measure = async (stage: Stage) => sampleOf(await closedLoop(stage, { requests, drains: true }))

export default {
  title:
    'single posts, accepted and processed by a worker of its own that does nothing, from the first post to the ' +
    'last event done',
  cases: {
    'spillway': { subject: spillway({ hasWorker: true }), measure },
    'job-per-event': { subject: peer('job-per-event', { worker: 'job-worker' }), measure },
    'count-then-add': { subject: peer('count-then-add', { worker: 'job-worker' }), measure }
  },
  ratios: [
    {
      what: 'processed per second, to a job per event',
      of: 'spillway',
      to: 'job-per-event',
      metric: 'eventsPerSecond',
      bar: { atLeast: 4 }
    },
    {
      what: 'processed per second, to counting and then adding',
      of: 'spillway',
      to: 'count-then-add',
      metric: 'eventsPerSecond'
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

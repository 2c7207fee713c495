import { closedLoop } from '../measure/closed-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import { singlePosts } from '../traffic/post.ts'

const requests = singlePosts()
const measure = async (stage: Stage) => sampleOf(await closedLoop(stage, { requests }))

export default {
  title: 'single posts, 64 connections, every 202 on the disk (appendfsync always)',
  cases: {
    'spillway': { subject: spillway(), appendfsync: 'always', measure },
    'bare-fastify': { subject: peer('bare-fastify', { storesNothing: true }), measure },
    'job-per-event': { subject: peer('job-per-event'), appendfsync: 'always', measure }
  },
  ratios: [
    {
      what: 'accepts per second, to a route that stores nothing',
      of: 'spillway',
      to: 'bare-fastify',
      metric: 'eventsPerSecond',
      bar: { atLeast: 0.75 }
    },
    { what: 'accepts per second, to a job per event', of: 'spillway', to: 'job-per-event', metric: 'eventsPerSecond' }
  ]
} satisfies Scenario

import { closedLoop } from '../measure/closed-loop.ts'
import { openLoop } from '../measure/open-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import { singlePosts } from '../traffic/post.ts'

const requests = singlePosts()
const bare = peer('bare-fastify', { storesNothing: true })
const measure = async (stage: Stage) =>
  sampleOf(await openLoop(stage, { requests, ratePerSecond: stage.given.ratePerSecond as number }))

export default {
  title: 'single posts at half of what a route that stores nothing sustains, open loop',
  cases: {
    'spillway': { subject: spillway(), measure },
    'bare-fastify': { subject: bare, measure },
    'job-per-event': { subject: peer('job-per-event'), measure }
  },
  ratios: [
    {
      what: 'p99 above that of a route that stores nothing, ms',
      of: 'spillway',
      to: 'bare-fastify',
      metric: 'p99Ms',
      kind: 'difference',
      bar: { atMost: 5 }
    },
    {
      what: 'p50 above that of a route that stores nothing, ms',
      of: 'spillway',
      to: 'bare-fastify',
      metric: 'p50Ms',
      kind: 'difference'
    }
  ],
  prepare: async (measureCase) => {
    const { eventsPerSecond = NaN } = await measureCase({
      subject: bare,
      measure: async (stage) => sampleOf(await closedLoop(stage, { requests }))
    })
    return { ratePerSecond: Math.round(eventsPerSecond / 2) }
  }
} satisfies Scenario

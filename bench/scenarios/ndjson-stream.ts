import { closedLoop } from '../measure/closed-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import { stream } from '../measure/stream.ts'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import { arrayPosts, BATCH_EVENTS } from '../traffic/post.ts'

const arrays = async (stage: Stage) =>
  sampleOf(await closedLoop(stage, { requests: arrayPosts(), connections: 16, eventsPerRequest: BATCH_EVENTS }))

export default {
  title: 'one NDJSON stream, beside the peers with JSON arrays of 100',
  cases: {
    'spillway': { subject: spillway(), measure: async (stage) => sampleOf(await stream(stage)) },
    'bare-fastify': { subject: peer('bare-fastify', { storesNothing: true }), measure: arrays },
    'bulk-autopipeline': { subject: peer('bulk-autopipeline'), measure: arrays }
  },
  ratios: [
    {
      what: 'accepts per second, to arrays at a route that stores nothing',
      of: 'spillway',
      to: 'bare-fastify',
      metric: 'eventsPerSecond'
    },
    {
      what: 'accepts per second, to arrays by addBulk',
      of: 'spillway',
      to: 'bulk-autopipeline',
      metric: 'eventsPerSecond'
    }
  ]
} satisfies Scenario

import { closedLoop } from '../measure/closed-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import type { Case, Scenario } from '../scenario.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import type { Subject } from '../subject/subject.ts'
import { arrayPosts, BATCH_EVENTS } from '../traffic/post.ts'

const CONNECTIONS = 16

const caseOf = (subject: Subject): Case => ({
  subject,
  measure: async (stage) =>
    sampleOf(await closedLoop(stage, {
      requests: arrayPosts(),
      connections: CONNECTIONS,
      eventsPerRequest: BATCH_EVENTS
    }))
})

export default {
  title: `JSON arrays of ${BATCH_EVENTS}, ${CONNECTIONS} connections`,
  cases: {
    'spillway': caseOf(spillway()),
    'bare-fastify': caseOf(peer('bare-fastify', { storesNothing: true })),
    'bulk-autopipeline': caseOf(peer('bulk-autopipeline')),
    'job-per-event': caseOf(peer('job-per-event'))
  },
  ratios: [
    {
      what: 'accepts per second, to a route that stores nothing',
      of: 'spillway',
      to: 'bare-fastify',
      metric: 'eventsPerSecond'
    },
    { what: 'accepts per second, to addBulk', of: 'spillway', to: 'bulk-autopipeline', metric: 'eventsPerSecond' },
    { what: 'accepts per second, to a job per event', of: 'spillway', to: 'job-per-event', metric: 'eventsPerSecond' }
  ],
  quick: ['spillway', 'bulk-autopipeline']
} satisfies Scenario

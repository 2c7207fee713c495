import { closedLoop } from '../measure/closed-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import type { Case, Scenario } from '../scenario.ts'
import { spillway } from '../subject/spillway.ts'
import { arrayPosts } from '../traffic/post.ts'

const SIZES = [1, 10, 100, 1_000] as const
const CONNECTIONS = 16

const atSize = (events: number): Case => ({
  subject: spillway(),
  measure: async (stage) =>
    sampleOf(await closedLoop(stage, {
      requests: arrayPosts(events),
      connections: CONNECTIONS,
      eventsPerRequest: events
    }))
})

export default {
  title: `JSON arrays of 1 to 1,000 events, ${CONNECTIONS} connections`,
  grows: 'events in an array',
  cases: Object.fromEntries(SIZES.map((events) => [`spillway@${events}`, atSize(events)])),
  ratios: [{
    what: 'CPU of the server per event in arrays of 1,000, to arrays of one',
    of: 'spillway@1000',
    to: 'spillway@1',
    metric: 'serverMicrosPerEvent'
  }]
} satisfies Scenario

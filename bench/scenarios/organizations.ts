import { closedLoop } from '../measure/closed-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import type { Case, Scenario } from '../scenario.ts'
import { spillway } from '../subject/spillway.ts'
import { organizationPosts } from '../traffic/post.ts'

const COUNTS = [1, 100, 10_000] as const
/** The same number of requests for each count, so that the generator always reads from the same amount of memory. */
const REQUESTS = 10_000

const atCount = (organizations: number): Case => ({
  subject: spillway(),
  measure: async (stage) => sampleOf(await closedLoop(stage, { requests: organizationPosts(organizations, REQUESTS) }))
})

export default {
  title: 'single posts of 1, 100 and 10,000 organizations that take turns, 64 connections',
  grows: 'organizations',
  cases: Object.fromEntries(COUNTS.map((count) => [`spillway@${count}`, atCount(count)])),
  ratios: [{
    what: 'CPU of the server per event of 10,000 organizations, to events of one',
    of: 'spillway@10000',
    to: 'spillway@1',
    metric: 'serverMicrosPerEvent'
  }]
} satisfies Scenario

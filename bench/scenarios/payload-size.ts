import { closedLoop } from '../measure/closed-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import type { Case, Scenario } from '../scenario.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import type { Subject } from '../subject/subject.ts'
import { singlePosts } from '../traffic/post.ts'

const SIZES = [250, 2_500, 25_000, 250_000] as const

const atSize = (subject: Subject, bytes: number): Case => ({
  subject,
  measure: async (stage) => sampleOf(await closedLoop(stage, { requests: singlePosts({ bytes }) }))
})

export default {
  title: 'single posts of 250 bytes to 250 KB',
  grows: 'bytes of an event',
  cases: Object.fromEntries(SIZES.flatMap((bytes) => [
    [`spillway@${bytes}`, atSize(spillway(), bytes)],
    [`bare-fastify@${bytes}`, atSize(peer('bare-fastify', { storesNothing: true }), bytes)]
  ])),
  ratios: SIZES.map((bytes) => ({
    what: `accepts per second of ${bytes.toLocaleString('en')} bytes, to a route that stores nothing`,
    of: `spillway@${bytes}`,
    to: `bare-fastify@${bytes}`,
    metric: 'eventsPerSecond'
  }))
} satisfies Scenario

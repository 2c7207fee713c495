import { closedLoop } from '../measure/closed-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import type { Case, Scenario } from '../scenario.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import type { Subject } from '../subject/subject.ts'
import { singlePosts } from '../traffic/post.ts'

const COUNTS = [1, 64, 1_000] as const

const requests = singlePosts()
const atCount = (subject: Subject, connections: number): Case => ({
  subject,
  measure: async (stage) => sampleOf(await closedLoop(stage, { requests, connections }))
})

export default {
  title: 'single posts over 1, 64 and 1,000 connections',
  grows: 'connections',
  cases: Object.fromEntries(COUNTS.flatMap((count) => [
    [`spillway@${count}`, atCount(spillway(), count)],
    [`bare-fastify@${count}`, atCount(peer('bare-fastify', { storesNothing: true }), count)],
    [`job-per-event@${count}`, atCount(peer('job-per-event'), count)]
  ])),
  ratios: COUNTS.flatMap((count) =>
    [['bare-fastify', 'a route that stores nothing'], ['job-per-event', 'a job per event']].map((
      [peerName, words]
    ) => ({
      what: `accepts per second, connections: ${count.toLocaleString('en')}, to ${words}`,
      of: `spillway@${count}`,
      to: `${peerName}@${count}`,
      metric: 'eventsPerSecond'
    }))
  )
} satisfies Scenario

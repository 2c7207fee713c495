import { closedLoop } from '../measure/closed-loop.ts'
import { openLoop } from '../measure/open-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import { stream } from '../measure/stream.ts'
import type { LoadRequest } from '../../rig/load/request.ts'
import type { Case, Scenario } from '../scenario.ts'
import { spillway } from '../subject/spillway.ts'
import { singlePosts } from '../traffic/post.ts'

const DEPTHS = [0, 10_000, 1_000_000] as const
const SHALLOW = 'spillway@0'
const DEEP = 'spillway@1000000'
const METRICS_PER_SECOND = 50

const posts = singlePosts()
const metricsReads: LoadRequest[] = ['queue', 'queue/summary', 'prometheus'].map((page) => ({
  method: 'GET',
  path: `/api/v1/metrics/${page}`,
  headers: {},
  body: ''
}))

const atDepth = (depth: number): Case => ({
  subject: spillway(),
  measure: async (stage) => {
    // At every depth the server does the same work before it is measured.
    await stream(stage, { events: Math.max(depth, 1), warmUpEvents: 0 })
    const [accepts, reads] = await Promise.all([
      openLoop(stage, { requests: posts, ratePerSecond: stage.given.ratePerSecond as number }),
      openLoop(stage, { requests: metricsReads, ratePerSecond: METRICS_PER_SECOND })
    ])
    return {
      ...sampleOf(accepts),
      metricsP50Ms: reads.p50Ms,
      metricsP99Ms: reads.p99Ms,
      metricsFailed: reads.failed + reads.other
    }
  }
})

export default {
  title:
    'accepts with 0, 10,000 and 1,000,000 events waiting, at half of what an empty queue sustains, and metrics ' +
    'routes meanwhile',
  grows: 'events waiting',
  cases: Object.fromEntries(DEPTHS.map((depth) => [`spillway@${depth}`, atDepth(depth)])),
  ratios: [
    {
      what: 'CPU of the server per event, a million waiting to none',
      of: DEEP,
      to: SHALLOW,
      metric: 'serverMicrosPerEvent',
      bar: { atMost: 1.1 }
    },
    {
      what: 'CPU of Redis per event, a million waiting to none',
      of: DEEP,
      to: SHALLOW,
      metric: 'redisMicrosPerEvent',
      bar: { atMost: 1.1 }
    },
    {
      what: 'accept latency p50, a million waiting to none',
      of: DEEP,
      to: SHALLOW,
      metric: 'p50Ms',
      bar: { atMost: 1.1 }
    },
    {
      what: 'metrics routes p99 with a million waiting, ms',
      of: DEEP,
      metric: 'metricsP99Ms',
      kind: 'value',
      bar: { atMost: 10 }
    }
  ],
  prepare: async (measureCase) => {
    const { eventsPerSecond = NaN } = await measureCase({
      subject: spillway(),
      measure: async (stage) => sampleOf(await closedLoop(stage, { requests: posts }))
    })
    return { ratePerSecond: Math.round(eventsPerSecond / 2) }
  }
} satisfies Scenario

import { refusedByBareHttp, shedBySpillway } from '../measure/shed.ts'
import type { Scenario } from '../scenario.ts'
import { singlePosts } from '../traffic/post.ts'

const BODY_BYTES = 1_000_000
/** Room for the buffers of 64 sockets and for garbage; all bodies at once would need four times that. */
const MOST_GROWTH_MIB = 16

const HEADERS = { 'x-event-priority': '5' }

const flood = { requests: singlePosts({ bytes: BODY_BYTES }, HEADERS).slice(0, 2), warmUp: singlePosts({}, HEADERS) }

export default {
  title: 'a flood of bodies of 1 MB, refused by their header, 64 connections',
  cases: { 'spillway': shedBySpillway(flood), 'bare-http': refusedByBareHttp(flood) },
  ratios: [
    {
      what: 'growth of the memory of the server, MiB',
      of: 'spillway',
      metric: 'rssGrowthMiB',
      kind: 'value',
      bar: { atMost: MOST_GROWTH_MIB }
    },
    {
      what: 'CPU of the server for a refusal, to bare node:http',
      of: 'spillway',
      to: 'bare-http',
      metric: 'serverMicrosPerAnswer'
    }
  ]
} satisfies Scenario

import { refusedByBareHttp, shedBySpillway } from '../measure/shed.ts'
import type { Scenario } from '../scenario.ts'
import { singlePosts } from '../traffic/post.ts'

const BODY_BYTES = 1_000_000
/** What the young generation of the heap may come to without holding anything of the bodies. */
const MOST_GROWTH_MIB = 16

const requests = singlePosts({ bytes: BODY_BYTES }, { 'x-event-priority': '5' }).slice(0, 2)

export default {
  title: 'a flood of bodies of 1 MB, refused by their header, 64 connections',
  cases: { 'spillway': shedBySpillway(requests), 'bare-http': refusedByBareHttp(requests) },
  ratios: [
    { what: 'growth of the memory of the server, MiB', of: 'spillway', metric: 'rssGrowthMiB', kind: 'value', bar: { atMost: MOST_GROWTH_MIB } },
    { what: 'CPU of the server for a refusal, to bare node:http', of: 'spillway', to: 'bare-http', metric: 'serverMicrosPerAnswer' }
  ]
} satisfies Scenario

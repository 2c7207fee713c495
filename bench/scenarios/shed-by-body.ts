import { refusedByBareHttp, shedBySpillway } from '../measure/shed.ts'
import type { Scenario } from '../scenario.ts'
import { singlePosts } from '../traffic/post.ts'

const requests = singlePosts({ priority: 5 })

export default {
  title: 'everything refused by the priority in its body, which has to be read for that',
  cases: { 'spillway': shedBySpillway({ requests }), 'bare-http': refusedByBareHttp({ requests }) },
  ratios: [{
    what: 'CPU of the server for a refusal, to bare node:http',
    of: 'spillway',
    to: 'bare-http',
    metric: 'serverMicrosPerAnswer'
  }]
} satisfies Scenario

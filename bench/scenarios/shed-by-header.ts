import { closedLoop } from '../measure/closed-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import { refusedByBareHttp, shedBySpillway } from '../measure/shed.ts'
import type { Scenario } from '../scenario.ts'
import { spillway } from '../subject/spillway.ts'
import { singlePosts } from '../traffic/post.ts'

const LARGE_BYTES = 100_000
const HEADERS = { 'x-event-priority': '5' }

const small = singlePosts({}, HEADERS)
const large = singlePosts({ bytes: LARGE_BYTES }, HEADERS)

export default {
  title: 'everything refused by its header, bodies of 250 bytes and of 100 KB',
  cases: {
    'spillway': shedBySpillway({ requests: small }),
    'bare-http': refusedByBareHttp({ requests: small }),
    'spillway@100000': shedBySpillway({ requests: large }),
    'bare-http@100000': refusedByBareHttp({ requests: large }),
    'spillway-accepts@100000': {
      subject: spillway(),
      measure: async (stage) => sampleOf(await closedLoop(stage, { requests: large }), 'answer')
    }
  },
  ratios: [
    {
      what: 'CPU of the server for a refusal, to bare node:http',
      of: 'spillway',
      to: 'bare-http',
      metric: 'serverMicrosPerAnswer',
      bar: { atMost: 1.15 }
    },
    {
      what: 'the same with bodies of 100 KB',
      of: 'spillway@100000',
      to: 'bare-http@100000',
      metric: 'serverMicrosPerAnswer',
      bar: { atMost: 1.15 }
    },
    {
      what: 'CPU of the server for a refusal, to an accept, bodies of 100 KB',
      of: 'spillway@100000',
      to: 'spillway-accepts@100000',
      metric: 'serverMicrosPerAnswer',
      bar: { atMost: 0.1 }
    }
  ],
  quick: ['spillway', 'bare-http']
} satisfies Scenario

import { sampleOf } from '../measure/sample.ts'
import { stream } from '../measure/stream.ts'
import type { Scenario } from '../scenario.ts'
import type { Stage } from '../stage.ts'
import { ruled } from '../subject/ruled.ts'
import { spillway } from '../subject/spillway.ts'

const COUNTS = [1, 10, 100] as const

const measure = async (stage: Stage) => sampleOf(await stream(stage, { drains: true }))

export default {
  title: 'one NDJSON stream, with 0, 1, 10 and 100 rules that look at each event',
  grows: 'rules',
  cases: {
    'spillway@0': { subject: spillway({ hasWorker: true }), measure },
    ...Object.fromEntries(COUNTS.map((count) => [`spillway@${count}`, { subject: ruled(count), measure }]))
  },
  ratios: [{
    what: 'CPU of the worker for 100 rules, µs per event',
    of: 'spillway@100',
    to: 'spillway@0',
    metric: 'workerMicrosPerEvent',
    kind: 'difference'
  }]
} satisfies Scenario

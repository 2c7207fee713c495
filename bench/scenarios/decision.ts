import { join } from 'node:path'
import { ask } from '../../rig/process/ask.ts'
import type { DecisionQuestion } from '../decision/program.ts'
import type { Sample } from '../result.ts'
import type { Scenario } from '../scenario.ts'
import { nothing } from '../subject/nothing.ts'

const PROGRAM = join(import.meta.dirname, '../decision/program.ts')
const MOST_NANOS = 2_000
const measure = (question: DecisionQuestion) => ask<Sample>(PROGRAM, question)

export default {
  title: 'one admission decision: by the controller, by the gate, with 10,000 organizations known',
  cases: {
    spillway: { subject: nothing, measure: () => measure({ isRecording: false }) },
    recording: { subject: nothing, measure: () => measure({ isRecording: true }) }
  },
  ratios: [{
    what: 'the slowest kind of decision at p99, ns',
    of: 'spillway',
    metric: 'largestP99Nanos',
    kind: 'value',
    bar: { atMost: MOST_NANOS }
  }, {
    what: 'the same, to a look-up of one of 10,000 organizations',
    of: 'spillway',
    metric: 'largestP99ToLookUp',
    kind: 'value'
  }],
  quick: ['spillway']
} satisfies Scenario

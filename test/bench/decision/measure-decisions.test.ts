import t from 'tap'
import { measureDecisions } from '../../../bench/decision/measure-decisions.ts'

const KINDS = [
  'controllerAdmitted',
  'controllerRefused',
  'gateAdmitted',
  'gateRefused',
  'shadowAdmitted',
  'shadowRefused',
  'organizationsAdmitted',
  'organizationsRefused', 'quotasAdmitted', 'quotasRefused',
  'controllersOn',
  'fairSharesOn'
]

t.test('measures the same kinds while arrivals are recorded', async (t) => {
  const names = async (isRecording: boolean) => Object.keys(await measureDecisions(isRecording, 20))
  t.strictSame(await names(true), await names(false))
})

t.test('has quantiles of every kind of decision, and the largest p99', async (t) => {
  const sample = await measureDecisions(false, 200)
  t.strictSame(Object.keys(sample), [
    ...KINDS.flatMap((kind) => [`${kind}P50Nanos`, `${kind}P99Nanos`, `${kind}P999Nanos`]),
    'largestP99Nanos'
  ])
  t.ok(Object.values(sample).every((nanos) => nanos > 0))
  t.equal(sample['largestP99Nanos'], Math.max(...KINDS.map((kind) => sample[`${kind}P99Nanos`] as number)))
})

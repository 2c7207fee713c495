import t from 'tap'
import { measureDecisions } from '../../../bench/decision/measure-decisions.ts'

const KINDS = [
  'lookUp',
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

t.test('has quantiles of every kind of decision, and the largest p99 of decisions', async (t) => {
  const sample = await measureDecisions(false, 200)
  t.strictSame(Object.keys(sample), [
    ...KINDS.flatMap((kind) => [`${kind}P50Nanos`, `${kind}P99Nanos`, `${kind}P999Nanos`]),
    'largestP99Nanos',
    'largestP99ToLookUp'
  ])
  t.ok(Object.values(sample).every((nanos) => nanos > 0))
  const decisions = KINDS.filter((kind) => kind !== 'lookUp')
  const largest = Math.max(...decisions.map((kind) => sample[`${kind}P99Nanos`] as number))
  t.equal(sample['largestP99Nanos'], largest)
  t.equal(sample['largestP99ToLookUp'], largest / (sample['lookUpP99Nanos'] as number))
})

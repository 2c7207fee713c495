import t from 'tap'
import { measureDecisions } from '../../bench/decision.ts'

const KINDS = ['controllerAdmitted', 'controllerRefused', 'gateAdmitted', 'gateRefused', 'organizationsAdmitted', 'organizationsRefused']

t.test('has p50 and p99 of every kind of decision, and the largest p99', async (t) => {
  const sample = await measureDecisions(200)
  t.strictSame(Object.keys(sample), [...KINDS.flatMap((kind) => [`${kind}P50Nanos`, `${kind}P99Nanos`]), 'p99Nanos'])
  t.ok(Object.values(sample).every((nanos) => nanos > 0))
  t.equal(sample['p99Nanos'], Math.max(...KINDS.map((kind) => sample[`${kind}P99Nanos`] as number)))
})

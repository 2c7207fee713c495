import t from 'tap'
import fc from 'fast-check'
import { decideAct, type Decision, type Prospect } from '../../../../services/control/forecast/acts.ts'

const PRE_SHED: Prospect = {
  isTrusted: true,
  breachSeconds: 20,
  breachTicks: 3,
  areWorkersAsked: true,
  workersInSeconds: 60,
  excessPerSecond: 30,
  lowPerSecond: 100,
  isLowSampled: false
}

t.test('acts in order, and says why', async (t) => {
  const table: [change: Partial<Prospect>, decision: Decision][] = [
    [{ isTrusted: false }, { act: 'none', why: 'skill-unproven' }],
    [{ breachSeconds: undefined }, { act: 'none', why: 'no-breach' }],
    [{ breachTicks: 2 }, { act: 'none', why: 'breach-too-brief' }],
    [{ areWorkersAsked: false, breachSeconds: 180 }, { act: 'ask-for-workers', why: 'breach-ahead' }],
    [{ areWorkersAsked: false }, { act: 'ask-for-workers', why: 'breach-ahead' }],
    [{ areWorkersAsked: false, breachSeconds: 181 }, { act: 'none', why: 'breach-is-far' }],
    [{ breachSeconds: 60 }, { act: 'none', why: 'workers-in-time' }],
    [{ breachSeconds: 59 }, { act: 'pre-shed-low', why: 'breach-before-workers', share: 0.3 }],
    [{ breachSeconds: 0 }, { act: 'none', why: 'breach-is-here' }],
    [{ excessPerSecond: 80 }, { act: 'pre-shed-low', why: 'breach-before-workers', share: 0.5 }],
    [{ isLowSampled: true }, { act: 'sample-low-harder', why: 'breach-before-workers', share: 0.3 }],
    [{ isLowSampled: true, excessPerSecond: 80 }, { act: 'sample-low-harder', why: 'breach-before-workers', share: 0.8 }],
    [{ isLowSampled: true, excessPerSecond: 99 }, { act: 'sample-low-harder', why: 'breach-before-workers', share: 0.9 }],
    [{ isLowSampled: true, areWorkersAsked: false }, { act: 'ask-for-workers', why: 'breach-ahead' }],
    [{ isLowSampled: true, lowPerSecond: 0 }, { act: 'none', why: 'nothing-to-shed' }],
    [{ lowPerSecond: 0 }, { act: 'none', why: 'nothing-to-shed' }],
    [{ excessPerSecond: 0 }, { act: 'none', why: 'nothing-to-shed' }]
  ]
  for (const [change, decision] of table) t.strictSame(decideAct({ ...PRE_SHED, ...change }), decision)
})

t.test('sheds at most half, or leaves out at most nine tenths, and only with proof, before workers come', async () => {
  const prospect: fc.Arbitrary<Prospect> = fc.record({
    isTrusted: fc.boolean(),
    breachSeconds: fc.option(fc.nat(120), { nil: undefined }),
    breachTicks: fc.nat(6),
    areWorkersAsked: fc.boolean(),
    workersInSeconds: fc.nat(120),
    excessPerSecond: fc.integer({ min: -50, max: 500 }),
    lowPerSecond: fc.nat(200),
    isLowSampled: fc.boolean()
  })
  fc.assert(fc.property(prospect, (prospect) => {
    const decision = decideAct(prospect)
    if (decision.act === 'none') return true
    const { isTrusted, breachSeconds = Infinity, breachTicks, workersInSeconds, areWorkersAsked } = prospect
    if (!isTrusted || breachTicks < 3 || breachSeconds === Infinity) return false
    if (decision.act === 'ask-for-workers') return true
    const [act, most] = prospect.isLowSampled ? ['sample-low-harder', 0.9] as const : ['pre-shed-low', 0.5] as const
    return decision.act === act && areWorkersAsked && breachSeconds < workersInSeconds &&
      decision.share > 0 && decision.share <= most
  }), { numRuns: 1_000 })
})

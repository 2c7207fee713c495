import t from 'tap'
import { ServiceTimes, TypeCosts } from '../../../services/organizations/usage-cost.ts'

const isNear = (value: number | undefined, expected: number, tolerance = 0.1) =>
  value !== undefined && Math.abs(value / expected - 1) < tolerance

t.test('the times of types, each in batches of its own, are means', async (t) => {
  const times = new ServiceTimes()
  for (let batch = 0; batch < 200; batch++) {
    times.observe(['quick', 'quick'], batch % 2 === 0 ? 3 : 5)
    times.observe(['slow'], 50)
  }
  const report = times.report()
  t.ok(isNear(report.quick, 2) && isNear(report.slow, 50) && isNear(report[''], 18), JSON.stringify(report))
})

t.test('a type that makes batches slow is told from those beside it', async (t) => {
  const times = new ServiceTimes()
  // Every third batch has one slow event among ten; an event takes 1 ms, and a slow one 100.
  for (let batch = 0; batch < 1_000; batch++) {
    const isSlow = batch % 3 === 0
    times.observe(Array.from({ length: 10 }, (_, index) => isSlow && index === 0 ? 'slow' : 'usual'), isSlow ? 109 : 10)
  }
  const { usual, slow } = times.report()
  t.ok(isNear(slow, 100, 0.15), `slow: ${slow}`)
  t.ok(isNear(usual, 1, 0.3), `usual: ${usual}`)
})

t.test('types without number take bounded memory, and the report has those that matter', async (t) => {
  const times = new ServiceTimes()
  for (let batch = 0; batch < 20_000; batch++) {
    times.observe([`once-${batch}`], 1)
    if (batch % 10 === 0) times.observe(['poison'], 100)
    if (batch % 100 === 0) times.fade(100)
  }
  const report = times.report()
  t.ok(Object.keys(report).length <= 33)
  t.ok(isNear(report.poison, 100))
})

t.test('costs are times by the mean, averaged over workers', async (t) => {
  const costs = new TypeCosts()
  t.equal(costs.of('a'), 1, 'nothing is known yet')
  costs.observe([{ '': 10, 'a': 20, 'b': 5 }, { '': 10, 'a': 40 }, {}])
  t.strictSame([costs.of('a'), costs.of('b'), costs.of('c'), costs.of(undefined)], [3, 0.5, 1, 1])
  costs.observe([{ '': 1, 'a': 1e9, 'b': 1e-9 }])
  t.strictSame([costs.of('a'), costs.of('b')], [1_000, 0.01], 'within bounds')
  costs.observe([{ '': 0, 'a': 5 }, { 'a': 5 }])
  t.equal(costs.of('a'), 1, 'a report without a mean says nothing')
})

t.test('a worker that has done nothing reports nothing', async (t) => {
  t.strictSame(new ServiceTimes().report(), {})
})

import fc from 'fast-check'
import t from 'tap'
import { FrequentTypes } from '../../../services/history/frequent-types.ts'

/** Runs of events of one type with a pause after each. */
const stream = fc.array(
  fc.record({
    type: fc.nat({ max: 12 }),
    events: fc.integer({ min: 1, max: 6 }),
    pauseMs: fc.constantFrom(0, 0, 0, 1_000, 5_000)
  }),
  { maxLength: 60 }
)

t.test('a count is off by no more than its error, the error by no more than a share of all, faded or not', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(fc.property(
      stream,
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom(0, 2, Infinity),
      (steps, room, mostReplaced) => {
        const types = new FrequentTypes(room, mostReplaced)
        const truth = new Map<string, number>()
        let all = 0
        for (const { type, events, pauseMs } of steps) {
          for (let event = 0; event < events; event++) types.record(`t${type}`)
          truth.set(`t${type}`, (truth.get(`t${type}`) ?? 0) + events)
          all += events
          if (pauseMs === 0) continue
          types.fade(pauseMs)
          for (const [name, count] of truth) truth.set(name, count * 0.5 ** (pauseMs / 10_000))
          all *= 0.5 ** (pauseMs / 10_000)
        }
        if (mostReplaced === Infinity && types.passedOver > 0) return false
        const slack = types.passedOver + 1e-6
        return [...truth].every(([type, count]) => {
          const counted = types.countOf(type)
          if (counted === undefined) return count <= all / room + slack
          return counted.count - counted.error <= count + 1e-6 && count <= counted.count + slack &&
            counted.error <= all / room + 1e-6
        })
      }
    ))
  )
})

t.test('tells the types that come most often, with their rates', async (t) => {
  const types = new FrequentTypes(8)
  for (let second = 0; second < 120; second++) {
    for (let event = 0; event < 30; event++) types.record('often')
    for (let event = 0; event < 10; event++) types.record('less')
    types.fade(1_000)
  }
  const top = types.top(10)
  t.strictSame(top.map(({ type, events }) => [type, events]), [['often', 3_600], ['less', 1_200]])
  // The last second's events have faded by a second when they are looked at.
  t.ok(
    top.every(({ ratePerSecond }, index) => Math.abs(ratePerSecond / [30, 10][index]! - 1) < 0.05),
    JSON.stringify(top)
  )
  t.strictSame(types.top(1).map(({ type }) => type), ['often'])
})

t.test('the rate is right before there was time for it to settle', async (t) => {
  const types = new FrequentTypes()
  for (let second = 0; second < 2; second++) {
    for (let event = 0; event < 20; event++) types.record('new')
    types.fade(1_000)
  }
  const rate = types.top(1)[0]?.ratePerSecond ?? 0
  t.ok(Math.abs(rate / 20 - 1) < 0.05, String(rate))
})

t.test('what comes no more is told no more', async (t) => {
  const types = new FrequentTypes()
  for (let event = 0; event < 100; event++) types.record('gone')
  types.fade(1_000)
  t.equal(types.top(10).length, 1)
  types.fade(600_000)
  t.strictSame(types.top(10), [])
})

t.test('finds a type that comes often among many that come once, however few places are given away', async (t) => {
  const types = new FrequentTypes(8, 20)
  for (let second = 0; second < 10; second++) {
    for (let event = 0; event < 5_000; event++) types.record(event % 10 === 0 ? 'often' : `once-${second}-${event}`)
    types.fade(1_000)
  }
  const [first] = types.top(1)
  t.equal(first?.type, 'often')
  t.ok(Math.abs((first?.ratePerSecond ?? 0) / 500 - 1) < 0.1, JSON.stringify(first))
})

t.test('types that come once each push nothing out that comes often, and do not pass for frequent', async (t) => {
  const types = new FrequentTypes(4)
  for (let event = 0; event < 3_000; event++) {
    types.record('often')
    types.record(`once-${event}`)
  }
  types.fade(1_000)
  const [first, ...others] = types.top(4)
  t.equal(first?.type, 'often')
  t.ok(others.every(({ ratePerSecond }) => ratePerSecond <= 1), JSON.stringify(others))
})

import fc from 'fast-check'
import t from 'tap'
import { SeriesRing } from '../../../services/history/series.ts'
import { pointAt } from './setup.ts'

t.test('an empty series has all columns', async (t) => {
  const { time, depth, shed, active } = new SeriesRing(['circuit-open']).since(-Infinity)
  t.strictSame([time, depth, shed, active], [[], { critical: [], normal: [], low: [] }, { 'circuit-open': [] }, []])
  t.equal(new SeriesRing([]).lastTime, -Infinity)
})

t.test('what is not known is null in JSON, and so is a reason that a point does not have', async (t) => {
  const ring = new SeriesRing(['circuit-open', 'queue-full'])
  ring
    .append(pointAt(7, {
      depth: { critical: NaN, normal: 1, low: 2 },
      drainRate: NaN,
      shed: { 'queue-full': 3, unheard: 9 }
    }))
  t.match(JSON.parse(JSON.stringify(ring.since(0))), {
    time: [7],
    depth: { critical: [null], normal: [1], low: [2] },
    drainRate: [null],
    arrivalRate: [0],
    shed: { 'circuit-open': [null], 'queue-full': [3] }
  })
  t.strictSame(Object.keys(ring.since(0).shed), ['circuit-open', 'queue-full'])
})

t.test('holds the latest points that there is room for, and answers those after any second', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.nat({ max: 130 }),
      (gaps, room, after) => {
        const ring = new SeriesRing(['r'], room)
        const times: number[] = []
        for (const gap of gaps) {
          const time = (times.at(-1) ?? 0) + gap
          times.push(time)
          ring
            .append(pointAt(time, {
              active: time * 2,
              depth: { critical: 0, normal: time * 3, low: 0 },
              shed: { r: time * 4 }
            }))
        }
        const expected = times.slice(-room).filter((time) => time > after)
        const series = ring.since(after)
        t.strictSame(
          [series.time, series.active, series.depth.normal, series.shed.r],
          [1, 2, 3, 4].map((factor) => expected.map((time) => time * factor))
        )
        t.equal(ring.lastTime, times.at(-1) ?? -Infinity)
      }
    ))
  )
})

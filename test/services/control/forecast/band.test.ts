import t from 'tap'
import { mulberry32 } from '../../../../rig/random.ts'
import { Band } from '../../../../services/control/forecast/band.ts'
import { normal } from '../../../../rig/series.ts'

const STEPS = 6_000

/** Returns the share of values within the band around a constant forecast. */
function coverage (horizon: number, value: (step: number, draw: number) => number, band = new Band(horizon)): number {
  const random = mulberry32(7)
  let inside = 0
  let given = 0
  for (let step = 0; step < STEPS; step++) {
    const truth = value(step, normal(random))
    const range = band.observe(truth)
    if (range !== undefined) {
      given++
      if (truth >= range.low && truth <= range.high) inside++
    }
    band.around(100)
  }
  return inside / given
}

t.test('holds nine values in ten, of a series that drifts too', async (t) => {
  const table: [name: string, value: (step: number, draw: number) => number][] = [
    ['steady', (_, draw) => Math.max(0, 100 + 10 * draw)],
    ['skewed', (_, draw) => 80 * Math.exp(0.5 * draw)],
    ['wider and wider', (step, draw) => Math.max(0, 100 + (5 + step / 150) * draw)],
    ['drifts away', (step, draw) => 100 + step / 20 + 10 * draw],
    ['calm and stormy', (step, draw) => Math.max(0, 100 + (step % 1_000 < 500 ? 3 : 30) * draw)]
  ]
  for (const horizon of [1, 10, 60]) {
    for (const [name, value] of table) {
      const share = coverage(horizon, value)
      t.ok(share > 0.87 && share < 0.93, `${name}, ${horizon} steps ahead: ${share}`)
    }
  }
})

t.test('holds a value that equals its ends', async (t) => {
  t.equal(coverage(10, () => 7), 1)
})

t.test('is unknown before there are residuals, and known after a restart', async (t) => {
  const band = new Band(5)
  t.equal(band.around(100), undefined)
  coverage(5, (_, draw) => 100 + 10 * draw, band)
  const saved: unknown = JSON.parse(JSON.stringify(band.learned))
  t.strictSame(new Band(5, saved).around(100), band.around(100))
  t.equal(new Band(5, { aim: 1, residuals: ['1', null] }).around(100), undefined)
})

import t from 'tap'
import type { Ahead } from '../../../dashboard/contract.d.ts'
import {
  describeForecast, forecastBand, forecastLegend, provenForecast, secondsAhead
} from '../../../dashboard/figures/forecast.js'
import { ahead } from './samples.ts'

const UNPROVEN = { isTrusted: false }
const NEAR = ahead(10_000, 130, { low: 110, high: 160 })
const FAR = ahead(60_000, 61_234, { low: 50_000, high: 70_400 })

t.test('the band begins at the depth of now and has a point for each horizon', async (t) => {
  const now = { at: 1_000, depth: 120, low: 120, high: 120, isTrusted: true }
  const cases: [title: string, forecast: Ahead[], at: number | undefined, depth: number | null, band: object[]][] = [
    ['two horizons', [NEAR, FAR], 1_000, 120, [
      now,
      { at: 1_010, depth: 130, low: 110, high: 160, isTrusted: true },
      { at: 1_060, depth: 61_234, low: 50_000, high: 70_400, isTrusted: true }
    ]],
    ['proven only nearby, edges unknown far ahead', [NEAR, ahead(60_000, 90, UNPROVEN)], 1_000, 120, [
      now,
      { at: 1_010, depth: 130, low: 110, high: 160, isTrusted: true },
      { at: 1_060, depth: 90, low: null, high: null, isTrusted: false }
    ]],
    ['an empty queue', [ahead(10_000, 0, { low: 0, high: 0 })], 1_000, 0, [
      { ...now, depth: 0, low: 0, high: 0 }, { at: 1_010, depth: 0, low: 0, high: 0, isTrusted: true }
    ]],
    ['no forecast', [], 1_000, 120, []],
    ['a depth that is unknown', [NEAR], 1_000, null, []],
    ['no second yet', [NEAR], undefined, 120, []]
  ]
  for (const [title, forecast, at, depth, band] of cases) t.strictSame(forecastBand(forecast, at, depth), band, title)
})

t.test('the charts keep their room ahead while the forecast is unknown, and have none while it is off', async (t) => {
  const cases: [forecast: Ahead[] | null, before: number, seconds: number][] = [
    [[NEAR, FAR], 0, 60], [[NEAR], 60, 10], [[], 60, 60], [[], 0, 0], [null, 60, 0], [null, 0, 0]
  ]
  for (const [forecast, before, seconds] of cases) t.equal(secondsAhead(forecast, before), seconds)
})

t.test('the proven forecast is the furthest one of those whose skill is proven', async (t) => {
  t.equal(provenForecast(null), undefined)
  t.equal(provenForecast([]), undefined)
  t.equal(provenForecast([ahead(10_000, 1, UNPROVEN)]), undefined)
  t.equal(provenForecast([NEAR, FAR, ahead(90_000, 1, UNPROVEN)]), FAR)
})

t.test('says in words what is expected, how surely, and that refusals are left aside', async (t) => {
  const unproven = ahead(60_000, 1_400, { low: 900, high: 2_100, isTrusted: false })
  const cases: [Ahead[], isRefusing: boolean, legend: string | undefined, sentence: string | undefined][] = [
    [[], false, undefined, undefined],
    [
      [NEAR, FAR], false, '61.2k in 60 s (50k to 70.4k)',
      'The forecast expects about 61,234 in 60 s, from 50,000 to 70,400 nine times in ten.'
    ],
    [
      [NEAR, unproven], false, '130 in 10 s (110 to 160)',
      'The forecast expects about 130 in 10 s, from 110 to 160 nine times in ten.'
    ],
    [
      [unproven], false, '1.4k in 60 s, not proven',
      'The forecast, which is not proven, expects about 1,400 in 60 s.'
    ],
    [
      [ahead(60_000, 70, UNPROVEN)], true, '70 in 60 s, not proven, if nothing were refused',
      'The forecast, which is not proven, expects about 70 in 60 s if nothing were refused.'
    ]
  ]
  for (const [forecast, isRefusing, legend, sentence] of cases) {
    t.equal(forecastLegend(forecast, isRefusing), legend)
    t.equal(describeForecast(forecast, isRefusing), sentence)
  }
})

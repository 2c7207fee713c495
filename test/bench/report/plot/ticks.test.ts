import t from 'tap'
import fc from 'fast-check'
import { linearTicks, logTicks } from '../../../../bench/report/plot/ticks.ts'

t.test('linear ticks are round and cover the range', async (t) => {
  const table: [least: number, most: number, ticks: number[]][] = [
    [0, 28, [0, 10, 20, 30]],
    [0, 4.7, [0, 1, 2, 3, 4, 5]],
    [0, 0.3, [0, 0.1, 0.2, 0.3]],
    [-3, 7, [-4, -2, 0, 2, 4, 6, 8]],
    [0, 1_000_000, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]],
    [0, 0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [5, 5, [5, 6, 7, 8, 9, 10]]
  ]
  for (const [least, most, ticks] of table) t.strictSame(linearTicks(least, most), ticks, `${least} to ${most}`)
})

t.test('logarithmic ticks are 1, 2, 5 while these are few', async (t) => {
  const table: [least: number, most: number, ticks: number[]][] = [
    [1, 128, [1, 2, 5, 10, 20, 50, 100, 200]],
    [64, 1_000, [50, 100, 200, 500, 1_000]],
    [1_000, 1_000_000, [1_000, 10_000, 100_000, 1_000_000]],
    [250, 100_000, [100, 1_000, 10_000, 100_000]],
    [1, 1, [1, 2]],
    [7, 7, [5, 10]],
    [1, 1e12, [1, 100, 10_000, 1_000_000, 100_000_000, 10_000_000_000, 1_000_000_000_000]]
  ]
  for (const [least, most, ticks] of table) t.strictSame(logTicks(least, most), ticks, `${least} to ${most}`)
})

/** Less than a pixel can show: ticks are rounded to twelve digits. */
const SLACK = 1e-9

const covers = (ticks: number[], least: number, most: number) => {
  const [first, last] = [ticks[0], ticks.at(-1)] as [number, number]
  const slack = SLACK * (last - first)
  return first <= least + slack && last >= most - slack
}
const isRising = (ticks: number[]) => ticks.every((tick, index) => index === 0 || tick > (ticks[index - 1] as number))

t.test('ticks rise, are neither too few nor too many, and cover every range up to 1e15', async () => {
  const value = fc.double({ min: -1e15, max: 1e15, noNaN: true })
  fc.assert(fc.property(value, value, (a, b) => {
    const [least, most] = a < b ? [a, b] : [b, a]
    const ticks = linearTicks(least, most)
    return ticks.length >= 2 && ticks.length <= 12 && isRising(ticks) && covers(ticks, least, most)
  }))
  const positive = fc.double({ min: 1e-14, max: 1e15, noNaN: true })
  fc.assert(fc.property(positive, positive, (a, b) => {
    const [least, most] = a < b ? [a, b] : [b, a]
    const ticks = logTicks(least, most)
    return ticks.length >= 2 && ticks.length <= 10 && isRising(ticks) && covers(ticks, least, most)
  }))
})

t.test('ticks of any range are finite', async () => {
  const value = fc.double({ noNaN: true })
  fc.assert(fc.property(
    value,
    value,
    (least, most) => linearTicks(Math.min(least, most), Math.max(least, most)).every(Number.isFinite)
  ))
  const positive = fc.double({ min: 0, minExcluded: true, noNaN: true })
  fc.assert(fc.property(
    positive,
    positive,
    (least, most) => logTicks(Math.min(least, most), Math.max(least, most)).every(Number.isFinite)
  ))
})

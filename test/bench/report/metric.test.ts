import t from 'tap'
import { betterSide, heading, isCost, isSpeed } from '../../../bench/report/metric.ts'

t.test('a metric is written for people, with its unit', async (t) => {
  const table: [metric: string, heading: string, isCost: boolean][] = [
    ['eventsPerSecond', 'events/s', false],
    ['serverMicrosPerEvent', 'server µs/event', true],
    ['redisBytesPerEvent', 'redis bytes/event', true],
    ['p50Ms', 'p50 ms', false],
    ['p99Ms', 'p99 ms', false],
    ['p999Ms', 'p99.9 ms', false],
    ['gateAdmittedP99Nanos', 'gate admitted p99 ns', true],
    ['serverMicrosPerAnswer', 'server µs/answer', true],
    ['loadMicrosPerEvent', 'load µs/event', false],
    ['rssGrowthMiB', 'rss growth MiB', false],
    ['failed', 'failed', false],
    ['', '', false]
  ]
  for (const [metric, expected, cost] of table) {
    t.equal(heading(metric), expected)
    t.equal(isCost(metric), cost, metric)
  }
})

t.test('the name of a metric tells which side is better, if any', async (t) => {
  const table: [side: 'more' | 'less' | undefined, metrics: string[]][] = [
    ['more', ['eventsPerSecond', 'goodputPerSecond']],
    ['less', [
      'serverMicrosPerEvent',
      'serverMicrosPerAnswer',
      'redisBytesPerEvent',
      'p99Ms',
      'p99Nanos',
      'rssGrowthMiB'
    ]],
    [undefined, ['capacityShare', 'shedShareLow', 'failed', '']]
  ]
  for (const [side, metrics] of table) for (const metric of metrics) t.equal(betterSide(metric), side, metric)
})

t.test('times and rates are told from what is neither', async (t) => {
  for (const metric of ['p99Ms', 'largestP99Nanos', 'serverMicrosPerEvent', 'eventsPerSecond'])
    t.equal(isSpeed(metric), true, metric)
  for (const metric of ['redisBytesPerEvent', 'rssGrowthMiB', 'capacityShare']) t.equal(isSpeed(metric), false, metric)
})

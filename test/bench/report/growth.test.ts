import t from 'tap'
import { growthPlots, growths } from '../../../bench/report/growth.ts'
import type { Sample, SubjectResult } from '../../../bench/result.ts'
import { resultOf, scenarioOf } from './result.ts'

const subject = (name: string, ...samples: Sample[]): SubjectResult => ({ name, samples, median: samples[0] ?? {} })

t.test('draws CPU per event and latency over what the subjects are named after', async (t) => {
  const scenario = scenarioOf({
    name: 'growth-depth', title: 'A growing queue', subjects: [
      subject('spillway@1000 events waiting', { eventsPerSecond: 1, serverMicrosPerEvent: 27, redisMicrosPerEvent: 3, loadMicrosPerEvent: 9, p999Ms: 11 }, { serverMicrosPerEvent: 28 }, { serverMicrosPerEvent: 26 }),
      subject('spillway@1000000 events waiting', { serverMicrosPerEvent: 28, workerMicrosPerEvent: 5 }),
      subject('bare', { serverMicrosPerEvent: 26 })
    ]
  })
  t.strictSame(growths(resultOf(scenario)), [
    ['growth-depth-cpu.svg', {
      title: 'A growing queue: CPU per event', xLabel: 'events waiting', yLabel: 'CPU per event, µs', xScale: 'log', series: [
        { name: 'server', look: 0, points: [{ x: 1_000, y: 27, least: 26, most: 28 }, { x: 1_000_000, y: 28 }] },
        { name: 'redis', look: 1, points: [{ x: 1_000, y: 3 }] },
        { name: 'worker', look: 2, points: [{ x: 1_000_000, y: 5 }] }
      ]
    }],
    ['growth-depth-latency.svg', {
      title: 'A growing queue: latency', xLabel: 'events waiting', yLabel: 'time to the answer, ms', xScale: 'log', series: [
        { name: 'p99.9', look: 0, points: [{ x: 1_000, y: 11 }] }
      ]
    }]
  ])
})

t.test('a small range has even steps, and a worker looks like one where it is alone', async (t) => {
  const subjects = [0, 10, 40].map((rules) => subject(`spillway@${rules}`, { workerMicrosPerEvent: rules + 4 }))
  const [[file, plot] = []] = growths(resultOf(scenarioOf({ name: 'growth-number-of-rules', title: 'Rules', subjects })))
  t.equal(file, 'growth-number-of-rules-cpu.svg')
  t.match(plot, { xScale: 'linear', xLabel: 'number of rules', series: [{ name: 'worker', look: 2 }] })
})

t.test('what does not grow is not drawn', async (t) => {
  t.equal(growthPlots(resultOf(scenarioOf(), scenarioOf({ subjects: [subject('spillway@1', { p99Ms: 1 })] }))).size, 0)
})

t.test('a plot is the text of its file', async (t) => {
  const subjects = [1, 2].map((x) => subject(`spillway@${x}`, { p50Ms: x }))
  const files = growthPlots(resultOf(scenarioOf({ name: 'growth-x', subjects })))
  t.strictSame([...files.keys()], ['growth-x-latency.svg'])
  t.match(files.get('growth-x-latency.svg'), /^<svg [^]*<\/svg>\n$/)
})

import t from 'tap'
import { growthPlots, growths } from '../../../bench/report/growth.ts'
import type { Sample, SubjectResult } from '../../../bench/result.ts'
import { scenarioOf } from './result.ts'

const subject = (name: string, ...samples: Sample[]): SubjectResult => ({ name, samples, median: samples[0] ?? {} })

t.test('draws CPU per event and latency over what the subjects are named after', async (t) => {
  const scenario = scenarioOf({
    name: 'depth',
    grows: 'events waiting',
    subjects: [
      subject(
        'spillway@1000',
        { eventsPerSecond: 1, serverMicrosPerEvent: 27, redisMicrosPerEvent: 3, loadMicrosPerEvent: 9, p999Ms: 11 },
        { serverMicrosPerEvent: 28 },
        { serverMicrosPerEvent: 26 }
      ),
      subject('spillway@1000000', { serverMicrosPerEvent: 28, workerMicrosPerEvent: 5 }),
      subject('bare@1000', { serverMicrosPerEvent: 26 })
    ]
  })
  t.strictSame(growths(scenario), [
    ['growth-depth-cpu.svg', {
      title: 'CPU per event by events waiting',
      xLabel: 'events waiting',
      yLabel: 'CPU per event, µs',
      xScale: 'log',
      series: [
        { name: 'server', look: 0, points: [{ x: 1_000, y: 27, least: 26, most: 28 }, { x: 1_000_000, y: 28 }] },
        { name: 'redis', look: 1, points: [{ x: 1_000, y: 3 }] },
        { name: 'worker', look: 2, points: [{ x: 1_000_000, y: 5 }] }
      ]
    }],
    ['growth-depth-latency.svg', {
      title: 'Latency by events waiting',
      xLabel: 'events waiting',
      yLabel: 'time to the answer, ms',
      xScale: 'log',
      series: [
        { name: 'p99.9', look: 0, points: [{ x: 1_000, y: 11 }] }
      ]
    }]
  ])
})

t.test('a small range has even steps, and a worker looks like one where it is alone', async (t) => {
  const subjects = [0, 10, 40].map((rules) => subject(`spillway@${rules}`, { workerMicrosPerEvent: rules + 4 }))
  const [[file, plot] = []] = growths(scenarioOf({ name: 'rules', grows: 'rules', subjects }))
  t.equal(file, 'growth-rules-cpu.svg')
  t.match(plot, { xScale: 'linear', xLabel: 'rules', series: [{ name: 'worker', look: 2 }] })
})

t.test('what does not grow is not drawn', async (t) => {
  const subjects = [1, 2].map((x) => subject(`spillway@${x}`, { p50Ms: x }))
  t.equal(growthPlots(scenarioOf({ grows: 'x' })).size, 0)
  t.equal(growthPlots(scenarioOf({ subjects })).size, 0, 'points of no curve')
  t.equal(growthPlots(scenarioOf({ grows: 'x', subjects: subjects.slice(1) })).size, 0, 'a single point')
})

t.test('a plot is the text of its file', async (t) => {
  const subjects = [1, 2].map((x) => subject(`spillway@${x}`, { p50Ms: x }))
  const files = growthPlots(scenarioOf({ name: 'x', grows: 'x', subjects }))
  t.strictSame([...files.keys()], ['growth-x-latency.svg'])
  t.match(files.get('growth-x-latency.svg'), /^<svg [^]*<\/svg>\n$/)
})

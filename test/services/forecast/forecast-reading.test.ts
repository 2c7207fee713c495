import t from 'tap'
import { forecastReadingOf } from '../../../services/forecast/forecast-reading.ts'
import { booked } from '../../booked.ts'
import { readingOf } from '../admission/setup.ts'

const THRESHOLDS = { recovery: 5, warning: 10, critical: 1_000, hardLimit: 2_000 }
const WORKER = { id: 'w', hostname: 'h', pid: 1, concurrency: 20, startedAt: '', handlers: ['delivery'], holds: [] }

t.test('counts what load kept out, refused or left out of a sample, as if it had come', async (t) => {
  const reading = readingOf({ 5: 600, 9: 40 }, {
    redisTimeMs: 7_000,
    enqueuedByPriority: [0, 0, 0, 0, 0, 800, 0, 0, 0, 100, 0],
    ...booked({
      'enqueued:5': 800, 'enqueued:9': 100, 'requeued:5': 30,
      'admission:shed:low': 7, 'admission:sampled:low': 50, 'admission:shed:normal': 3, 'admission:sampled:normal': 20,
      'admission:quota:low': 1_000, 'admission:invalid:unknown': 1_000, 'admission:duplicate:low': 1_000
    }),
    workers: [WORKER]
  })
  t.match(forecastReadingOf(reading, THRESHOLDS, 90), {
    at: 7_000, depth: 640, arrived: 930, refused: 80, lowOffered: 157, capacityPerSecond: 90, wouldWorkersHelp: true,
    limit: 800
  })
})

t.test('nobody has a capacity while nobody works, and workers would not help while work is held up', async (t) => {
  const of = (more: Parameters<typeof readingOf>[1]) => forecastReadingOf(readingOf({}, more), THRESHOLDS, 90)
  t.match(of({ workers: [] }), { capacityPerSecond: 0, wouldWorkersHelp: true })
  t.match(of({ workers: [WORKER], isPaused: true }), { capacityPerSecond: 0, wouldWorkersHelp: false })
  t.match(of({ workers: [WORKER], pausedForMs: 9 }), { capacityPerSecond: 0, wouldWorkersHelp: false })
})

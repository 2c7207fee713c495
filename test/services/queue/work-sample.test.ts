import t from 'tap'
import { demandSampleOf, workSampleOf } from '../../../services/queue/work-sample.ts'
import { booked } from '../../booked.ts'
import { readingOf } from '../admission/setup.ts'
import { byPriority } from './setup.ts'

t.test('tells what came, what was worked on and what waits, in events, and the slots in batches', async (t) => {
  const worker = { id: 'w', hostname: 'h', pid: 1, concurrency: 20, startedAt: '', handlers: ['delivery'], holds: [] }
  const reading = readingOf({ 1: 10, 5: 600 }, {
    redisTimeMs: 7_000,
    activeByPriority: byPriority({ 1: 4, 5: 6 }),
    done: 200,
    ...booked({
      'enqueued:1': 20, 'enqueued:5': 800, 'requeued:5': 30, 'settled:1': 10, 'settled:5': 230, 'done:5': 200,
      'admission:received:normal': 900
    }),
    jobs: { waiting: 6, active: 3, delayed: 0, unsettled: 0, failed: 0 },
    workers: [worker, { ...worker, id: 'v', concurrency: 5 }]
  })
  t.strictSame(workSampleOf(reading), {
    at: 7_000,
    arrived: 850,
    worked: 240,
    completed: 200,
    waiting: 600,
    inWork: 10,
    workers: 2,
    slots: 25,
    takenSlots: 3,
    isPaused: false,
    isHeldUp: false
  })
})

t.test('tells by class what came or was kept out, and what waits, for the number of workers', async (t) => {
  const worker = { id: 'w', hostname: 'h', pid: 1, concurrency: 20, startedAt: '', handlers: ['delivery'], holds: [] }
  const reading = readingOf({ 1: 10, 5: 600, 9: 50 }, {
    activeByPriority: byPriority({ 1: 4, 5: 6 }),
    ...booked({
      'enqueued:1': 20, 'enqueued:5': 800, 'requeued:5': 30, 'enqueued:9': 7, 'admission:shed:low': 100,
      'admission:sampled:low': 11, 'admission:shed:normal': 2, 'admission:quota:low': 1_000
    }),
    workers: [worker, { ...worker, id: 'v', holds: ['no-handlers'] }]
  })
  t.match(demandSampleOf(reading), {
    offeredByClass: { critical: 20, normal: 832, low: 118 },
    waitingByClass: { critical: 6, normal: 594, low: 50 },
    workers: 1,
    heldWorkers: 1
  })
})

t.test('tells who stopped the work', async (t) => {
  t.match(workSampleOf(readingOf({}, { isPaused: true })), { isPaused: true, isHeldUp: false })
  t.match(workSampleOf(readingOf({}, { pausedForMs: 250 })), { isPaused: false, isHeldUp: true })
})

t.test('a worker that takes no batch is none, and when all hold back the work is paused', async (t) => {
  const free = { id: 'w', hostname: 'h', pid: 1, concurrency: 20, startedAt: '', handlers: ['delivery'], holds: [] }
  const held = { ...free, id: 'v', holds: ['consumer-unreachable' as const] }
  t.match(workSampleOf(readingOf({}, { workers: [free, held] })), { workers: 1, slots: 20, isPaused: false })
  t.match(workSampleOf(readingOf({}, { workers: [held] })), { workers: 0, slots: 0, isPaused: true, isHeldUp: true })
  t.match(
    workSampleOf(readingOf({}, { workers: [free, held] })),
    { isHeldUp: false },
    'one of them reaches the consumer'
  )
  t.match(workSampleOf(readingOf({}, { workers: [{ ...held, holds: ['no-handlers'] }] })), {
    isPaused: true,
    isHeldUp: false
  })
  t.match(workSampleOf(readingOf({}, { workers: [] })), { workers: 0, isPaused: false })
})

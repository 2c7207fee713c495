import t from 'tap'
import type { QueueReading } from '../../../services/queue/reading.ts'
import { pointOf } from '../../../services/history/signal-point.ts'
import { readingOf, startGate } from '../admission/setup.ts'
import { byPriority } from '../queue/setup.ts'

const worker = (concurrency: number) => ({
  id: `w${concurrency}`, hostname: 'h', pid: 1, concurrency, startedAt: '', handlers: ['delivery'], holds: []
})

t.test('holds what the last reading tells, and that a queue that cannot be read tells nothing', async (t) => {
  const { gate, clock } = await startGate()
  const ages = byPriority({ 5: 2_500 }).map((age) => age === 0 ? null : age)
  const reading = readingOf({ 1: 10, 2: 20, 5: 400, 9: 70 }, {
    activeByPriority: byPriority({ 2: 7 }),
    delayedByPriority: byPriority({ 9: 4 }),
    workers: [worker(20), worker(5)],
    oldestWaitingMsByPriority: ages
  })
  const shed = { 'circuit-open': 3 }
  const point = (second: number, known: QueueReading | undefined) =>
    pointOf(second, { gate, reading: known, spooled: 6, shed })
  t.match(
    point(1, undefined),
    { time: 1, circuit: NaN, depth: { critical: NaN, normal: NaN, low: NaN }, active: NaN, workers: NaN },
    'before the first reading'
  )
  clock.now += 100
  gate.observe(reading)
  t.strictSame(point(2, reading), {
    time: 2,
    depth: { critical: 10, normal: 420, low: 70 },
    active: 7,
    delayed: 4,
    arrivalRate: 0,
    drainRate: 0,
    shed,
    workers: 2,
    capacity: 25,
    oldestWaitingSeconds: 2.5,
    circuit: 2,
    spooled: 6
  })
  gate.lose(new Error('no answer'))
  t.strictSame(point(3, undefined), {
    time: 3,
    depth: { critical: NaN, normal: NaN, low: NaN },
    active: NaN,
    delayed: NaN,
    arrivalRate: NaN,
    drainRate: NaN,
    shed,
    workers: NaN,
    capacity: NaN,
    oldestWaitingSeconds: NaN,
    circuit: NaN,
    spooled: 6
  })
  t.ok(Number.isNaN(pointOf(4, { gate, reading, spooled: undefined, shed }).spooled))
})

t.test('an empty queue has an oldest batch of age zero', async (t) => {
  const { gate, clock } = await startGate()
  clock.now += 100
  gate.observe(readingOf({}))
  t.equal(pointOf(1, { gate, reading: readingOf({}), spooled: 0, shed: {} }).oldestWaitingSeconds, 0)
})

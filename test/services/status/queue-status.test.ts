import t from 'tap'
import type { QueueReading } from '../../../services/queue/reading.ts'
import { queueStatusOf } from '../../../services/status/queue-status.ts'
import { readingOf, startGate } from '../admission/setup.ts'
import { byPriority } from '../queue/setup.ts'

const WORKER = { id: 'w', hostname: 'h', pid: 1, concurrency: 20, startedAt: '', handlers: ['delivery'], holds: [] }

async function startStatus () {
  const { gate, clock } = await startGate()
  let reading: QueueReading | undefined
  const observe = (depths: Record<number, number>, more: Partial<QueueReading> = {}) => {
    clock.now += 100
    reading = readingOf(depths, { workers: [WORKER], ...more })
    gate.observe(reading)
  }
  return {
    gate,
    clock,
    observe,
    status: () => queueStatusOf({ gate, reading, deadLetters: reading && 3, sampleIntervalMs: 500 })
  }
}

const UNKNOWN = {
  isKnown: false,
  health: 'unknown',
  reading: undefined,
  counts: undefined,
  depth: undefined,
  arrivalRate: undefined,
  drainRate: undefined,
  timeToDrainSeconds: null,
  deadLetters: null,
  memory: undefined,
  problems: []
}

t.test('before the first reading nothing is known, and nothing ever was', async (t) => {
  const { status } = await startStatus()
  t.strictSame(status(), { ...UNKNOWN, asOf: null, lastKnown: null })
})

t.test('a queue that cannot be read is unknown, with what was known last and when', async (t) => {
  const { gate, clock, observe, status } = await startStatus()
  observe(
    { 5: 600 },
    {
      activeByPriority: byPriority({ 5: 20 }), delayedByPriority: byPriority({ 9: 4 }), done: 70, dead: 8,
      isPaused: true
    }
  )
  const asOf = new Date(clock.now).toISOString()
  t.match(status(), {
    isKnown: true,
    asOf,
    health: 'critical',
    depth: 600,
    counts: { waiting: 580, active: 20, delayed: 4, completed: 70, failed: 8 },
    deadLetters: 3,
    lastKnown: null
  })
  gate.lose(new Error('no answer'))
  clock.now += 200
  t.strictSame(status(), {
    ...UNKNOWN, asOf,
    lastKnown: {
      at: asOf,
      queueDepth: 600,
      counts: { waiting: 580, active: 20, delayed: 4, completed: 70, failed: 8 },
      workers: 1,
      circuitState: 'OPEN',
      isPaused: true,
      arrivalRate: 0,
      drainRate: 0,
      deadLetters: 3
    }
  })
  observe({})
  t.match(status(), { isKnown: true, depth: 0, lastKnown: null })
})

t.test('a reading that is older than three intervals, and than two seconds, is none of now', async (t) => {
  for (const [sampleIntervalMs, staleMs] of [[100, 2_000], [1_000, 3_000]] as const) {
    const { gate, clock, observe } = await startStatus()
    observe({ 5: 7 })
    const isKnown = () =>
      queueStatusOf({ gate, reading: readingOf({ 5: 7 }), deadLetters: 0, sampleIntervalMs }).isKnown
    clock.now += staleMs
    t.equal(isKnown(), true, `${staleMs} ms at an interval of ${sampleIntervalMs} ms`)
    clock.now += 1
    t.equal(isKnown(), false)
  }
})

t.test('health is that of the depth, and degraded while a new event would wait in vain or could be refused', async (t) => {
  const table: [depth: number, more: Partial<QueueReading>, health: string][] = [
    [0, {}, 'healthy'], [49, {}, 'healthy'], [50, {}, 'degraded'], [100, {}, 'warning'], [500, {}, 'critical'],
    [0, { workers: [] }, 'degraded'], [7, { workers: [] }, 'degraded'], [100, { workers: [] }, 'warning'],
    [7, { isPaused: true }, 'degraded'], [7, { pausedForMs: 10 }, 'degraded'],
    [7, { workers: [{ ...WORKER, holds: ['no-handlers'] }] }, 'degraded'],
    [7, { workers: [WORKER, { ...WORKER, holds: ['consumer-unreachable'] }] }, 'healthy']
  ]
  for (const [depth, more, health] of table) {
    const { observe, status } = await startStatus()
    observe({ 5: depth }, more)
    t.equal(status().health, health, `${depth} ${JSON.stringify(more)}`)
  }
  const { observe, status } = await startStatus()
  observe({ 5: 500 })
  observe({ 5: 45 })
  t.equal(status().health, 'degraded', 'half open: low events are refused')
  observe({ 5: 10 })
  t.equal(status().health, 'healthy')
})

t.test('health is that of the bytes of Redis where they are worse, and half of them are nothing', async (t) => {
  const { observe, status } = await startStatus()
  const table: [usedBytes: number, health: string][] = [[400, 'healthy'], [665, 'warning'], [700, 'critical']]
  for (const [usedBytes, health] of table) {
    observe({ 5: 1 }, { memory: { usedBytes, maxBytes: 1_000, machineBytes: 0 }, rememberedIds: 3 })
    t.match(status(), {
      health,
      memory: { usedBytes, capacityBytes: 1_000, thresholds: { critical: 700, hardLimit: 900 }, rememberedIds: 3 }
    })
  }
  t.equal(status().memory?.utilizationPercent, 100)
})

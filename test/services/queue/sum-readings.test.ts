import fc from 'fast-check'
import t from 'tap'
import { sum } from '../../../services/admission/sum.ts'
import { balanceOf } from '../../../services/ledger/balance.ts'
import { ledgerOf } from '../../../services/ledger/ledger.ts'
import type { QueueReading } from '../../../services/queue/reading.ts'
import { sumReadings } from '../../../services/queue/sum-readings.ts'
import { booked } from '../../booked.ts'
import { readingOf } from '../admission/setup.ts'
import { byPriority } from './setup.ts'

t.test('the reading of a single shard stays as it is', async (t) => {
  const reading = readingOf({ 5: 3 })
  t.equal(sumReadings([reading], []), reading)
})

t.test('figures add up, and the worst counts for the others', async (t) => {
  const memory = { usedBytes: 50, maxBytes: 100, machineBytes: 1_000 }
  const one = readingOf({ 1: 2, 5: 10 }, {
    redisTimeMs: 1_000, done: 5, rememberedIds: 7, memory, isPaused: false, pausedForMs: 0,
    oldestWaitingMsByPriority: [null, 10, null, null, null, 500, null, null, null, null, null],
    jobs: { waiting: 2, active: 1, delayed: 0, unsettled: 1, failed: 0 },
    control: { circuit: 'OPEN' }, ...booked({ 'enqueued:5': 20, 'done:5': 5, 'settled:5': 5 })
  })
  const other = readingOf({ 5: 4, 9: 1 }, {
    redisTimeMs: 900, done: 2, rememberedIds: 1, memory: { ...memory, usedBytes: 80 }, isPaused: true, pausedForMs: 250,
    oldestWaitingMsByPriority: [null, null, null, null, null, 700, null, null, null, 5, null],
    jobs: { waiting: 1, active: 0, delayed: 3, unsettled: 0, failed: 1 },
    control: {}, ...booked({ 'enqueued:5': 6, 'done:5': 2, 'settled:5': 2 })
  })
  t.match(sumReadings([one, other], [2]), {
    redisTimeMs: 1_000,
    depthByPriority: byPriority({ 1: 2, 5: 14, 9: 1 }),
    done: 7,
    rememberedIds: 8,
    memory: { usedBytes: 80, maxBytes: 100 },
    isPaused: true,
    pausedForMs: 250,
    oldestWaitingMsByPriority: [null, 10, null, null, null, 700, null, null, null, 5, null],
    jobs: { waiting: 3, active: 1, delayed: 3, unsettled: 1, failed: 1 },
    control: { circuit: 'OPEN' },
    ledger: { queue: { enqueued: byPriority({ 5: 26 }) } },
    awayShards: [2]
  })
})

t.test('while the first shard is away, the time is that of the others', async (t) => {
  const readings = [100, 900, 800].map((redisTimeMs) => readingOf({}, { redisTimeMs }))
  t.equal(sumReadings(readings, [0]).redisTimeMs, 900)
})

t.test('differences of two shards do not cancel each other out', async (t) => {
  const more = readingOf({}, booked({ 'enqueued:5': 3 }))
  const off = (field: string): Partial<QueueReading> => {
    const ledger = ledgerOf({ [field]: 3 })
    return { ledger, balance: balanceOf(ledger) }
  }
  const sums = sumReadings([{ ...more, ...off('done:5') }, { ...more, ...off('repeated:5') }], [])
  t.equal(sums.balance.imbalance.queue, 6)
})

const counts = fc.array(fc.nat(1_000), { minLength: 11, maxLength: 11 })
const readings = fc.array(fc.record({ depths: counts, active: counts, done: fc.nat(), enqueued: fc.nat(1_000) }), {
  minLength: 1, maxLength: 6
})

t.test('sums keep what the parts hold, in any order', async () => {
  fc.assert(fc.property(readings, (parts) => {
    const all = parts.map(({ depths, active, done, enqueued }) => ({
      ...readingOf({}), depthByPriority: depths, activeByPriority: active, done, ...booked({ 'enqueued:5': enqueued })
    }))
    const forth = sumReadings(all, [])
    const back = sumReadings(all.toReversed(), [])
    return sum(forth.depthByPriority) === sum(parts.flatMap(({ depths }) => depths)) &&
      forth.depthByPriority.every((depth, slot) => depth === back.depthByPriority[slot]) &&
      forth.done === sum(parts.map(({ done }) => done)) && forth.done === back.done &&
      forth.ledger.queue.enqueued[5] === sum(parts.map(({ enqueued }) => enqueued))
  }))
})

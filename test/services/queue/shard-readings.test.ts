import t from 'tap'
import type { QueueReading } from '../../../services/queue/reading.ts'
import { ShardReadings } from '../../../services/queue/shard-readings.ts'
import { readingOf } from '../admission/setup.ts'
import { byPriority } from './setup.ts'

const answers = (depth: number, more: Partial<QueueReading> = {}) => async () => readingOf({ 5: depth }, more)
const fails = async () => { throw new Error('away') }

t.test('a silent shard is away while another one answers, and is not asked twice at once', async (t) => {
  const readings = new ShardReadings()
  t.match(await readings.read([answers(1), answers(2)]), { depthByPriority: byPriority({ 5: 3 }), awayShards: [] })
  const silent = Promise.withResolvers<QueueReading>()
  let asked = 0
  const ask = () => {
    asked++
    return silent.promise
  }
  t.match(await readings.read([answers(5), ask]), { depthByPriority: byPriority({ 5: 7 }), awayShards: [1] })
  t.match(await readings.read([answers(6), ask]), { depthByPriority: byPriority({ 5: 8 }), awayShards: [1] })
  t.equal(asked, 1)
  silent.resolve(readingOf({ 5: 100 }))
  await silent.promise
  t.match(
    await readings.read([answers(6), answers(9)]), { depthByPriority: byPriority({ 5: 15 }), awayShards: [] },
    'an answer after its time does not count'
  )
  t.strictSame([readings.depths, readings.away], [[6, 9], []])
})

t.test('a reading fails with the error of the first shard if none answers, or nothing is known of the first', async (t) => {
  const readings = new ShardReadings()
  await t.rejects(readings.read([fails, fails]), { message: 'away' })
  await t.rejects(readings.read([fails, answers(1)]), { message: 'away' }, 'a process that starts has no common data')
  await readings.read([answers(1), answers(1)])
  t.match(await readings.read([fails, answers(2)]), { depthByPriority: byPriority({ 5: 3 }), awayShards: [0] })
  await t.rejects(readings.read([fails, fails]), { message: 'away' })
})

t.test('a shard without any answer yet counts as away, and one that is dropped as gone', async (t) => {
  const readings = new ShardReadings()
  const reading = await readings.read([answers(1), fails, answers(4)])
  t.match(reading, { depthByPriority: byPriority({ 5: 5 }), awayShards: [1] })
  t.equal(readings.isEmpty(1), false, 'nobody knows')
  t.match(await readings.read([answers(1)]), { depthByPriority: byPriority({ 5: 1 }) })
  t.strictSame(readings.depths, [1])
})

t.test('a shard that is dropped keeps its totals, and nothing else', async (t) => {
  const readings = new ShardReadings()
  const other = answers(0, { done: 7, isPaused: true, pausedForMs: 9 })
  await readings.read([answers(1, { done: 1 }), other])
  t.match(await readings.read([answers(1, { done: 2 })]), { done: 9, isPaused: false, pausedForMs: 0 })
  const back = await readings.read([answers(1, { done: 2 }), answers(3, { done: 8 })])
  t.match(back, { done: 10, depthByPriority: byPriority({ 5: 4 }) })
})

t.test('a shard is empty if nothing is left in it but receipts', async (t) => {
  const readings = new ShardReadings()
  const jobs = { waiting: 0, active: 0, delayed: 0, unsettled: 0, failed: 0 }
  await readings.read([
    answers(0), answers(1), answers(0, { rememberedIds: 1 }), answers(0, { jobs: { ...jobs, failed: 1 } }),
    answers(0, { delayedByPriority: byPriority({ 5: 1 }) })
  ])
  t.strictSame([0, 1, 2, 3, 4].map((shard) => readings.isEmpty(shard)), [true, false, false, false, false])
})

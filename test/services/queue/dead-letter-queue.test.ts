import t from 'tap'
import type { DeadLetter } from '../../../services/queue/dead-letter-queue.ts'
import { eventsOf, startQueue } from './setup.ts'

const letterOf = (index: number, reason = 'unusable') => {
  const letter: DeadLetter = { event: eventsOf(index + 1).at(-1)!, reason, attempts: 3, diedAt: '2026-03-01T10:00:00.000Z' }
  return { index, letter }
}

t.test('keeps each letter as a job that tells all of it', async (t) => {
  const { deadLetters } = await startQueue(t)
  await deadLetters.add('5-3-a', [letterOf(0), letterOf(2, 'too old')])
  const jobs = (await deadLetters.bullmq.getJobs(['waiting'])).toSorted((a, b) => a.data.reason < b.data.reason ? -1 : 1)
  t.strictSame(jobs.map(({ name, data }) => [name, data]), [['x', letterOf(2, 'too old').letter], ['x', letterOf(0).letter]])
})

t.test('the same letter of the same batch is kept once', async (t) => {
  const { deadLetters } = await startQueue(t)
  await deadLetters.add('5-3-a', [letterOf(0), letterOf(1)])
  await deadLetters.add('5-3-a', [letterOf(1, 'another reason'), letterOf(2)])
  const reasons = (await deadLetters.bullmq.getJobs(['waiting'])).map(({ data }) => `${data.event.id} ${data.reason}`)
  t.strictSame(reasons.toSorted(), ['e0 unusable', 'e1 unusable', 'e2 unusable'], 'as it was first')
  await deadLetters.add('5-3-b', [letterOf(0)])
  t.equal(await deadLetters.bullmq.getWaitingCount(), 4, 'another batch has letters of its own')
})

t.test('a letter is found by the batch and the index of its event', async (t) => {
  const { deadLetters } = await startQueue(t)
  await deadLetters.add('5-3-a', [letterOf(0), letterOf(2, 'too old')])
  t.match(await deadLetters.letterOf('5-3-a', 2), { id: /^d-[0-9a-f]{32}$/, ...letterOf(2, 'too old').letter })
  for (const [batchId, index] of [['5-3-a', 1], ['5-3-b', 2]] as const) t.equal(await deadLetters.letterOf(batchId, index), undefined)
})

t.test('letters that find no memory reject, and may be added again', async (t) => {
  const { deadLetters, connection } = await startQueue(t)
  await connection.config('SET', 'maxmemory', '1')
  await t.rejects(deadLetters.add('5-3-a', [letterOf(0), letterOf(1)]), { message: /OOM/ })
  await connection.config('SET', 'maxmemory', '0')
  await deadLetters.add('5-3-a', [letterOf(0), letterOf(1)])
  t.equal(await deadLetters.bullmq.getWaitingCount(), 2)
})

t.test('letters while Redis is away reject', async (t) => {
  const { redis, deadLetters } = await startQueue(t)
  await redis.kill()
  await t.rejects(deadLetters.add('5-3-a', [letterOf(0)]))
})

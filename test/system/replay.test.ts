import t from 'tap'
import { deadLettersIn, startQueue } from '../services/queue/setup.ts'
import { storeDeadLetters, deadLetterOf } from '../services/dead-letters/setup.ts'
import { startConsumer } from '../../rig/consumer.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startReadyServer, startServer } from '../../rig/spawned-server.ts'

const DEAD_LETTERS = 2_000

t.test('a process that is killed in the middle of a replay loses no dead letter and repeats none', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const { deadLetters, queue } = await startQueue(t, redis)
  for (let first = 0; first < DEAD_LETTERS; first += 500) {
    await storeDeadLetters(
      deadLetters,
      `batch-${first}`,
      Array.from({ length: 500 }, (_, index) => deadLetterOf(`e${first + index}`, { priority: 1 + index % 3 }))
    )
  }
  const consumer = await startConsumer(t)
  const received = new Map<string, number>()
  consumer.answer = ({ body }, reply) => {
    for (const { id } of JSON.parse(body) as { id: string }[]) received.set(id, (received.get(id) ?? 0) + 1)
    reply.end()
  }
  const env = {
    REDIS_URL: redis.url,
    LOG_LEVEL: 'info',
    DELIVERY_URL: consumer.url,
    BATCH_MAX_EVENTS: '50',
    RULE_ENGINE_WORKER_CONCURRENCY: '8'
  }
  await startServer(t, { ...env, ROLE: 'worker' })
  let api = await startReadyServer(t, { ...env, ROLE: 'api' })
  const begun = await fetch(`${api.url}/api/v1/dead-letters/replay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"filter":{}}'
  })
  t.equal(begun.status, 202)
  const { id } = await begun.json() as { id: string }
  const state = async () =>
    await (await fetch(`${api.url}/api/v1/dead-letters/replays/${id}`)).json() as { status: string, replayed: number }
  for (const share of [0.2, 0.5]) {
    await eventually('it is in the middle', async () => (await state()).replayed >= DEAD_LETTERS * share)
    await api.kill('SIGKILL')
    api = await startReadyServer(t, { ...env, ROLE: 'api' })
    // A worker slower than the replay may have left no room for it for a second.
    t.match((await state()).status, /^(running|paused)$/)
    t.ok((await state()).replayed < DEAD_LETTERS, 'it was in the middle')
  }
  await eventually('it is done', async () => (await state()).status === 'done')
  t.match(await state(), { matched: DEAD_LETTERS, replayed: DEAD_LETTERS, skipped: 0 })
  await eventually('all are delivered', () => received.size === DEAD_LETTERS)
  t.strictSame([...received].filter(([, times]) => times !== 1), [])
  t.strictSame(await deadLettersIn(deadLetters), [])
  await eventually('the books balance', async () => {
    const { ledger, done } = await queue.sample()
    return done === DEAD_LETTERS && ledger.queue.enqueued[10] === DEAD_LETTERS
  })
})

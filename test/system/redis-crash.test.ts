import t from 'tap'
import { startConsumer } from '../../rig/consumer.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startServer } from '../../rig/spawned-server.ts'
import { QUIET, settles, startPosting } from './posting.ts'

t.test('a Redis that is killed under load has kept what was accepted, and everything goes on by itself', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const consumer = await startConsumer(t)
  const server = await startServer(t, { ...QUIET, REDIS_URL: redis.url, DELIVERY_URL: consumer.url })
  const posting = startPosting(t, () => server.url)
  for (let kills = 1; kills <= 2; kills++) {
    await eventually('events are accepted', () => posting.accepted.length >= kills * 300)
    await redis.restart('SIGKILL')
  }
  const before = posting.accepted.length
  await eventually('events are accepted again', () => posting.accepted.length > before + 100)
  await posting.stop()
  await settles(t, server, consumer, posting.accepted)
})

t.test('an embedded Redis that is killed is started again and has kept what was accepted', async (t) => {
  const consumer = await startConsumer(t)
  const server = await startServer(t, { ...QUIET, DATA_DIR: t.testdir(), DELIVERY_URL: consumer.url })
  // Killed with SIGKILL it would leave its Redis to the next process on this directory, and there is none.
  t.teardown(async () => { await server.kill('SIGTERM') })
  const posting = startPosting(t, () => server.url)
  await eventually('events are accepted', () => posting.accepted.length >= 300)
  const { redisPid } = server.log.find(({ event }) => event === 'embedded-redis-started') as { redisPid: number }
  process.kill(redisPid, 'SIGKILL')
  const before = posting.accepted.length
  await eventually('events are accepted again', () => posting.accepted.length > before + 300)
  await posting.stop()
  await settles(t, server, consumer, posting.accepted)
  const { code } = await server.kill('SIGTERM')
  t.equal(code, 0)
})

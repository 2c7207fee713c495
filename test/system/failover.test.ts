import { Redis } from 'ioredis'
import t from 'tap'
import { eventHandler, metric, post, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startProxy } from '../../rig/tcp-proxy.ts'

const event = { type: 'x', payload: null, priority: 1 }

t.test('a master that becomes a replica is left for the one that the address leads to', async (t) => {
  const [before, after] = [await startRedis(t), await startRedis(t)]
  let target = before.path
  const { port } = await startProxy(t, () => target)
  const { app } = await startApp(t, {
    redis: before,
    env: { ROLE: 'all', REDIS_URL: `redis://127.0.0.1:${port}` },
    handlers: [eventHandler(() => ({ status: 'done' }))]
  })
  t.equal((await post(app, event)).statusCode, 202)
  await eventually('it is handled', async () => await metric(app, 'rule_engine_queue_completed_total') === 1)

  const admin = new Redis(before.path)
  t.teardown(async () => { admin.disconnect() })
  // Its connections stay open, as they do in a failover.
  await admin.replicaof('127.0.0.1', 1)
  target = after.path
  await eventually('events are stored again', async () => (await post(app, event)).statusCode === 202)
  await eventually(
    'and handled',
    async () => await metric(app, 'rule_engine_queue_completed_total') >= 1 && app.backpressure.signals.depth === 0
  )
})

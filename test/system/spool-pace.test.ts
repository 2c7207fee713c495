import t from 'tap'
import { post, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'

t.test('what leaves the spool does not open the circuit, and goes on as soon as there is room', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const env = {
    SPOOL_CLASSES: 'critical', QUEUE_RECOVERY_THRESHOLD: '5', QUEUE_WARNING_THRESHOLD: '20',
    QUEUE_CRITICAL_THRESHOLD: '30', QUEUE_HARD_LIMIT: '1000'
  }
  const { app } = await startApp(t, { redis, env })
  await redis.kill()
  await eventually('the queue is lost', () => !app.backpressure.signals.isDepthKnown)
  const ids: string[] = []
  for (let index = 0; index < 60; index++) {
    ids.push((await post(app, { type: 'x', payload: index, priority: 1 })).json().id)
  }
  t.equal(app.spool?.eventsByPriority[1], 60)
  const states = new Set<string>()
  app.queueMonitor.onReading(() => { states.add(app.backpressure.signals.circuitState) })
  await redis.start()
  await eventually('the queue is nearly critical', () => app.backpressure.signals.depth === 29)
  for (let readings = 0; readings < 5; readings++) await app.backpressure.nextSignals()
  t.equal(app.backpressure.signals.depth, 29)
  t.strictSame([...states], ['CLOSED'])
  t.equal(app.spool?.eventsByPriority[1], 31, 'the rest waits on disk')
  await startApp(t, {
    redis,
    env: { ...env, ROLE: 'worker' },
    handlers: [{ name: 'test', handler: { kind: 'event', handle: async () => ({ status: 'done' }) } }]
  })
  await eventually('all have left', () => app.spool?.batches === 0 && app.backpressure.signals.depth === 0)
  t.strictSame([...states], ['CLOSED'])
  for (const id of [ids[0], ids[59]] as string[]) {
    t.match(
      (await app.inject(`/api/v1/events/${encodeURIComponent(id)}`)).json(),
      { id, status: 'done', priority: 1 },
      'its receipt follows it'
    )
  }
})

import t from 'tap'
import { eventHandler, post, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { ENV, patch, startReplicas, thresholds } from './settings-requests.ts'

t.test('a replay waits at the warning threshold in force, not at the configured one', async (t) => {
  const redis = await startRedis(t)
  const { apps: [app] } = await startReplicas(t, redis, 1)
  const gate = Promise.withResolvers<void>()
  const handler = eventHandler(async ({ payload }) => {
    if (payload === 'bad') return { status: 'dead', reason: 'bad' }
    if (payload === 'slow') await gate.promise
    return { status: 'done' }
  })
  await startApp(t, { redis, env: { ...ENV, ROLE: 'worker', HANDLER_TIMEOUT_MS: '600000' }, handlers: [handler] })
  await post(app, { type: 'a', payload: 'bad' })
  await eventually(
    'it is a dead letter',
    async () => (await app.inject('/api/v1/dead-letters')).json().deadLetters.length === 1
  )
  for (let event = 0; event < 5; event++) await post(app, { type: 'a', payload: 'slow' })
  await patch(app, thresholds({ recovery: 1, warning: 5 }))
  await app.inject({ method: 'POST', url: '/api/v1/dead-letters/replay', payload: { filter: {} } })
  const replay = async () => (await app.inject('/api/v1/dead-letters/replays')).json().replays[0]
  t.match(await eventually('it waits', async () => (await replay()).status === 'paused' && replay()), {
    reason: 'warning-threshold'
  })
  await patch(app, thresholds({ recovery: null, warning: null }))
  await eventually('it goes on', async () => (await replay()).status === 'done')
  gate.resolve()
})

t.test('the spool drains up to the thresholds in force, not to the configured ones', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const { app } = await startApp(t, { redis, env: { ...ENV, SPOOL_CLASSES: 'critical' } })
  t.equal((await patch(app, thresholds({ recovery: 1, warning: 2, critical: 10 }))).statusCode, 200)
  await redis.kill()
  await eventually('the queue is lost', () => !app.backpressure.signals.isDepthKnown)
  for (let event = 0; event < 30; event++) {
    t.equal((await post(app, { type: 'x', payload: event, priority: 1 })).json().durability, 'spooled')
  }
  await redis.start()
  await eventually(
    'it drains up to the critical threshold',
    () => app.backpressure.signals.isDepthKnown && app.backpressure.signals.depth === 9
  )
  for (let reading = 0; reading < 5; reading++) await app.backpressure.nextSignals()
  t.strictSame([app.backpressure.signals.depth, app.spool?.eventsByPriority[1]], [9, 21])
  await patch(app, { backpressure: null })
  await eventually('all of it is in the queue', () => app.backpressure.signals.depth === 30)
})

import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { eventHandler, metric, post, startApp } from '../../../app.ts'
import { capturedLog } from '../../../captured-log.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { assertProblem, startOpen, TINY } from './setup.ts'

const switchTo = (app: FastifyInstance, payload: unknown) =>
  app.inject({
    method: 'PUT',
    url: '/api/v1/metrics/backpressure/mode',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(payload)
  })
const order = (app: FastifyInstance, action: 'pause' | 'resume') =>
  app.inject({ method: 'POST', url: `/api/v1/workers/${action}` })

t.test('a mode that is set on one replica is in force on all, on those that start later too, until it is put back', async (t) => {
  const { log, lines } = capturedLog('warn')
  const { app, redis } = await startApp(t, { env: TINY, log })
  const { app: other } = await startApp(t, { redis, env: { ...TINY, ENABLE_BACKPRESSURE: 'false' }, log })
  for (let event = 0; event < 3; event++) await post(app, { type: 'filling', payload: event, priority: 1 })
  await eventually(
    'both have opened',
    () => [app, other].every(({ backpressure }) => backpressure.signals.circuitState === 'OPEN')
  )
  const statuses = async () => {
    const answers = [
      await post(app, { type: 'x', payload: 1 }),
      await post(app, '{', { 'x-event-priority': '5' }),
      await post(other, { type: 'x', payload: 1 })
    ]
    return answers.map(({ statusCode }) => statusCode)
  }
  t.strictSame(await statuses(), [503, 503, 202])

  const switched = await switchTo(app, { mode: 'observe' })
  t.strictSame([switched.statusCode, switched.json()], [200, { mode: 'observe', configuredMode: 'true' }])
  await eventually('the other follows', () => other.backpressure.mode === 'observe')
  t.strictSame(await statuses(), [202, 400, 202], 'nor is one refused before its body is read')
  t.equal((await app.inject('/api/v1/metrics/queue')).json().backpressure.mode, 'observe')
  const { app: later } = await startApp(t, { redis, env: TINY })
  t.equal(later.backpressure.mode, 'observe')

  t.match((await switchTo(other, { mode: 'true' })).json(), { mode: 'true', configuredMode: 'false' })
  await eventually('all follow', () => [app, other, later].every(({ backpressure }) => backpressure.mode === 'true'))
  t.strictSame(await statuses(), [503, 503, 503])
  t.match((await switchTo(other, { mode: null })).json(), { mode: 'false', configuredMode: 'false' })
  await eventually(
    'each goes by its own configuration',
    () => app.backpressure.mode === 'true' && later.backpressure.mode === 'true'
  )
  t.match(lines.filter(({ event }) => event === 'backpressure-mode'), [
    { from: 'true', to: 'observe', isConfigured: false },
    { from: 'observe', to: 'true', isConfigured: false },
    { from: 'true', to: 'false', isConfigured: true }
  ], 'each order is logged once')
})

t.test('a mode that is none is refused by name', async (t) => {
  const { app } = await startApp(t)
  for (
    const [body, fields] of [[{ mode: 'off' }, ['mode']], [{}, ['mode']], [{ mode: 'true', until: 5 }, [
      'until'
    ]]] as const
  ) {
    const answer = await switchTo(app, body)
    assertProblem(t, answer, 400, 'invalid-body', JSON.stringify(body))
    t.strictSame(answer.json().errors.map(({ field }: { field: string }) => field), fields)
  }
  t.equal(app.backpressure.mode, 'true')
})

t.test('paused workers take nothing until they are resumed, and every replica knows', async (t) => {
  const { log, lines } = capturedLog('warn')
  const { app, redis } = await startApp(t, { log })
  const { app: worker } = await startApp(t, {
    redis,
    env: { ROLE: 'worker' },
    handlers: [eventHandler(() => ({ status: 'done' }))]
  })
  const paused = await order(app, 'pause')
  t.strictSame([paused.statusCode, paused.json()], [200, { isPaused: true }])
  await eventually('the worker knows', async () => await metric(worker, 'spillway_paused') === 1)
  t.equal((await post(app, { type: 'x', payload: 1 })).statusCode, 202, 'events still come in')
  await eventually(
    'it waits',
    async () => await metric(app, 'spillway_oldest_waiting_seconds{priority_class="normal"}') > 0.3
  )
  t.equal(await metric(app, 'rule_engine_queue_waiting'), 1)
  t.match((await order(app, 'resume')).json(), { isPaused: false })
  await eventually('it is handled', async () => await metric(app, 'rule_engine_queue_completed_total') === 1)
  await eventually(
    'nothing waits',
    async () => Number.isNaN(await metric(app, 'spillway_oldest_waiting_seconds{priority_class="normal"}'))
  )
  t.equal(await metric(app, 'spillway_paused'), 0)
  t.strictSame(lines.map(({ event }) => event).filter((event) => String(event).startsWith('workers-')), [
    'workers-paused',
    'workers-resumed'
  ])
})

t.test('what Redis cannot be told is answered 503', async (t) => {
  const { app, redis } = await startOpen(t)
  await redis.kill()
  assertProblem(t, await switchTo(app, { mode: 'false' }), 503, 'queue-unavailable', 'the mode')
  assertProblem(t, await order(app, 'pause'), 503, 'queue-unavailable', 'a pause')
  assertProblem(t, await order(app, 'resume'), 503, 'queue-unavailable', 'a resume')
  t.equal(app.backpressure.mode, 'true')
})

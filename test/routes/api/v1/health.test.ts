import t from 'tap'
import { metric, post, startApp } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { assertProblem, depthIs, getJson, RFC_3339, startFilled, startOpen, TINIEST, TINY } from './setup.ts'

t.test('liveness says that the process is alive', async (t) => {
  const { app } = await startApp(t)
  const { status, body } = await getJson(app, 'health/liveness')
  t.equal(status, 200)
  t.strictSame(Object.keys(body).toSorted(), ['status', 'timestamp'])
  t.match(body, { status: 'alive', timestamp: RFC_3339 })
})

t.test('readiness says that traffic may come', async (t) => {
  const { app } = await startApp(t)
  const { status, body } = await getJson(app, 'health/readiness')
  t.equal(status, 200)
  t.match(body, { status: 'ready', timestamp: RFC_3339, checks: { queue: 'ok', circuit: 'ok', shutdown: 'ok' } })
})

t.test('health is healthy when a worker is there to take a short queue', async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'all' } })
  const body = await eventually('the worker has announced itself', async () => {
    const { status, body } = await getJson(app, 'health')
    t.equal(status, 200)
    return body.status === 'healthy' && body
  })
  t.match(body, {
    status: 'healthy', timestamp: RFC_3339, uptime: Number,
    services: {
      redis: { status: 'healthy' },
      ruleEngineQueue: {
        status: 'healthy',
        health: 'healthy',
        queueDepth: 0,
        workers: 1,
        circuitState: 'CLOSED',
        backpressureEnabled: true
      },
      application: { status: 'healthy' }
    }
  })
})

t.test('health is degraded without workers, and as the queue grows', async (t) => {
  const table: [depth: number, health: string, circuitState: string][] = [
    [0, 'degraded', 'CLOSED'], [1, 'degraded', 'CLOSED'], [2, 'warning', 'CLOSED'], [3, 'critical', 'OPEN']
  ]
  const { app } = await startApp(t, { env: TINY })
  for (const [depth, health, circuitState] of table) {
    if (depth > 0) t.equal((await post(app, { type: 'x', payload: 1, priority: 1 })).statusCode, 202)
    await depthIs(app, depth)
    const { status, body } = await getJson(app, 'health')
    t.equal(status, 200)
    t.match(body, {
      status: 'degraded',
      services: {
        redis: { status: 'healthy' },
        ruleEngineQueue: {
          health, queueDepth: depth, workers: 0, circuitState, isKnown: true, lastKnown: null,
          problems: [{ kind: 'no-worker', stops: 'all' }]
        }
      }
    }, `${depth} events`)
    for (const [path, member] of [
      ['metrics/queue/summary', (body: { health: string }) => body.health],
      ['metrics/queue', (body: { queue: { health: string } }) => body.queue.health]
    ] as const) {
      t.equal(member((await getJson(app, path)).body), health, `${path} says the same`)
    }
  }
})

t.test('health says when backpressure is off', async (t) => {
  for (const [mode, isEnabled] of [['true', true], ['observe', true], ['false', false]] as const) {
    const { app } = await startApp(t, { env: { ENABLE_BACKPRESSURE: mode } })
    t.equal((await getJson(app, 'health')).body.services.ruleEngineQueue.backpressureEnabled, isEnabled, mode)
  }
})

t.test('an open circuit is ready, unless READINESS_FAILS_WHEN_OPEN says otherwise', async (t) => {
  for (const [fails, status, check] of [['false', 200, 'ok'], ['true', 503, 'failed']] as const) {
    const { app } = await startOpen(t, { READINESS_FAILS_WHEN_OPEN: fails })
    const readiness = await getJson(app, 'health/readiness')
    t.equal(readiness.status, status)
    t.match(readiness.body, {
      status: status === 200 ? 'ready' : 'not ready',
      checks: { queue: 'ok', circuit: check, shutdown: 'ok' }
    })
    t.equal((await getJson(app, 'health/liveness')).status, 200)
    t.equal(
      (await post(app, { type: 'x', payload: 1, priority: 1 })).statusCode,
      202,
      'critical events come in either way'
    )
  }
})

t.test('a queue that takes nothing is not ready', async (t) => {
  const { app } = await startFilled(t, 4, TINIEST)
  const { status, body } = await getJson(app, 'health/readiness')
  t.equal(status, 503)
  t.match(body, { status: 'not ready', checks: { queue: 'failed', circuit: 'ok', shutdown: 'ok' } })
  t.equal((await getJson(app, 'health/liveness')).status, 200)
})

t.test('a process that stops is not ready, is alive and asks connections to go elsewhere', async (t) => {
  const { app } = await startApp(t)
  t.equal((await getJson(app, 'health/readiness')).headers.connection, 'keep-alive')
  app.lifecycle.beginDrain()
  const { status, body, headers } = await getJson(app, 'health/readiness')
  t.equal(status, 503)
  t.match(body, { status: 'not ready', checks: { queue: 'ok', circuit: 'ok', shutdown: 'failed' } })
  t.equal(headers.connection, 'close')
  t.equal((await getJson(app, 'health/liveness')).status, 200)
  t.equal((await post(app, { type: 'x', payload: 1 })).statusCode, 202, 'what still arrives is taken')
})

t.test('a process that is only a worker serves its health and its metrics, and no events', async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'worker' } })
  for (const path of ['health', 'health/readiness', 'health/liveness'])
    t.equal((await getJson(app, path)).status, 200, path)
  await eventually('it has announced itself', async () => await metric(app, 'rule_engine_workers') === 1)
  t.equal(await metric(app, 'rule_engine_queue_health'), 0)
  const missing = [
    'POST /api/v1/events',
    'POST /api/v1/events/batch',
    'POST /api/v1/datastreams',
    'POST /api/v1/metrics/backpressure/reset',
    'GET /api/v1/metrics/queue',
    'GET /openapi.json',
    'GET /docs'
  ]
  for (const route of missing) {
    const [method, url] = route.split(' ') as ['POST' | 'GET', string]
    assertProblem(
      t,
      await app.inject({ method, url, ...(method === 'POST' && { payload: { type: 'x', payload: 1 } }) }),
      404,
      'not-found',
      route
    )
  }
})

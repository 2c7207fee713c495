import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { beginPost, metric, post, postBatch, startApp, storedEvents } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis, type RedisProcess } from '../../../../rig/redis.ts'
import { assertProblem, assertShed, depthIs, startFilled, startOpen, TINIEST, TINY } from './setup.ts'

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const get = async (app: FastifyInstance, path: string) => {
  const answer = await app.inject(`/api/v1/${path}`)
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}

t.test('liveness says that the process is alive', async (t) => {
  const { app } = await startApp(t)
  const { status, body } = await get(app, 'health/liveness')
  t.equal(status, 200)
  t.strictSame(Object.keys(body).toSorted(), ['status', 'timestamp'])
  t.match(body, { status: 'alive', timestamp: RFC_3339 })
})

t.test('readiness says that traffic may come', async (t) => {
  const { app } = await startApp(t)
  const { status, body } = await get(app, 'health/readiness')
  t.equal(status, 200)
  t.match(body, { status: 'ready', timestamp: RFC_3339, checks: { queue: 'ok', circuit: 'ok', shutdown: 'ok' } })
})

t.test('health is healthy when a worker is there to take a short queue', async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'all' } })
  const body = await eventually('the worker has announced itself', async () => {
    const { status, body } = await get(app, 'health')
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
    const { status, body } = await get(app, 'health')
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
      t.equal(member((await get(app, path)).body), health, `${path} says the same`)
    }
  }
})

t.test('health says when backpressure is off', async (t) => {
  for (const [mode, isEnabled] of [['true', true], ['observe', true], ['false', false]] as const) {
    const { app } = await startApp(t, { env: { ENABLE_BACKPRESSURE: mode } })
    t.equal((await get(app, 'health')).body.services.ruleEngineQueue.backpressureEnabled, isEnabled, mode)
  }
})

t.test('an open circuit is ready, unless READINESS_FAILS_WHEN_OPEN says otherwise', async (t) => {
  for (const [fails, status, check] of [['false', 200, 'ok'], ['true', 503, 'failed']] as const) {
    const { app } = await startOpen(t, { READINESS_FAILS_WHEN_OPEN: fails })
    const readiness = await get(app, 'health/readiness')
    t.equal(readiness.status, status)
    t.match(readiness.body, {
      status: status === 200 ? 'ready' : 'not ready',
      checks: { queue: 'ok', circuit: check, shutdown: 'ok' }
    })
    t.equal((await get(app, 'health/liveness')).status, 200)
    t.equal(
      (await post(app, { type: 'x', payload: 1, priority: 1 })).statusCode,
      202,
      'critical events come in either way'
    )
  }
})

t.test('a queue that takes nothing is not ready', async (t) => {
  const { app } = await startFilled(t, 4, TINIEST)
  const { status, body } = await get(app, 'health/readiness')
  t.equal(status, 503)
  t.match(body, { status: 'not ready', checks: { queue: 'failed', circuit: 'ok', shutdown: 'ok' } })
  t.equal((await get(app, 'health/liveness')).status, 200)
})

t.test('a process that stops is not ready, is alive and asks connections to go elsewhere', async (t) => {
  const { app } = await startApp(t)
  t.equal((await get(app, 'health/readiness')).headers.connection, 'keep-alive')
  app.lifecycle.beginDrain()
  const { status, body, headers } = await get(app, 'health/readiness')
  t.equal(status, 503)
  t.match(body, { status: 'not ready', checks: { queue: 'ok', circuit: 'ok', shutdown: 'failed' } })
  t.equal(headers.connection, 'close')
  t.equal((await get(app, 'health/liveness')).status, 200)
  t.equal((await post(app, { type: 'x', payload: 1 })).statusCode, 202, 'what still arrives is taken')
})

t.test('a process that is only a worker serves its health and its metrics, and no events', async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'worker' } })
  for (const path of ['health', 'health/readiness', 'health/liveness'])
    t.equal((await get(app, path)).status, 200, path)
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

/** The block that tells that figures are old, and what they were. */
const UNKNOWN = {
  isKnown: false,
  asOf: RFC_3339,
  lastKnown: {
    at: RFC_3339,
    queueDepth: 1,
    counts: { waiting: 1, active: 0, completed: 0 },
    workers: 0,
    circuitState: 'CLOSED',
    isPaused: false,
    deadLetters: 0
  }
}

/** How Redis can be away, and how it comes back. */
const OUTAGES: [
  name: string,
  begin: (redis: RedisProcess) => void | Promise<void>,
  end: (redis: RedisProcess) => void | Promise<void>
][] = [
  ['dead', (redis) => redis.kill(), (redis) => redis.start()],
  ['hung', (redis) => redis.pause(), (redis) => redis.resume()]
]

for (const [name, begin, end] of OUTAGES) {
  t.test(`tells that Redis is ${name}, sheds, answers every request, and recovers by itself`, async (t) => {
    const { app, redis } = await startApp(t, { env: { OUTAGE_PATIENCE_MS: '200' } })
    t.equal((await post(app, { type: 'x', payload: 0 })).statusCode, 202)
    await eventually(
      'the event and the dead letters are known',
      () => app.queueStatus().depth === 1 && app.queueStatus().deadLetters === 0
    )
    await begin(redis)
    await eventually('the queue counts as lost', () => !app.backpressure.signals.isDepthKnown)

    t.equal((await get(app, 'health/liveness')).status, 200)
    const readiness = await get(app, 'health/readiness')
    t.equal(readiness.status, 503)
    t.match(readiness.body, { status: 'not ready', checks: { queue: 'failed', circuit: 'ok', shutdown: 'ok' } })
    const health = await get(app, 'health')
    t.equal(health.status, 503)
    t.match(health.body, {
      status: 'unhealthy',
      services: {
        redis: { status: 'unhealthy' },
        ruleEngineQueue: { status: 'unhealthy', health: 'unknown', queueDepth: null, workers: null, ...UNKNOWN },
        application: { status: 'healthy' }
      }
    })
    t.equal(await metric(app, 'rule_engine_queue_health'), 4)
    for (const path of ['metrics/queue', 'metrics/queue/summary']) {
      const { status, body } = await get(app, path)
      t.equal(status, 200, path)
      t.equal(body.health ?? body.queue.health, 'unknown', path)
      t.match(body, UNKNOWN, path)
    }
    t.match((await get(app, 'metrics/queue/summary')).body, { queueDepth: null, workers: null, circuitState: 'CLOSED' })
    t.match((await get(app, 'metrics/queue')).body, {
      queue: {
        counts: { waiting: null, active: null, delayed: null, completed: null, failed: null },
        depthByPriority: { 5: null },
        totalPending: null,
        utilizationPercent: null,
        isPaused: null, pausedForMs: null, arrivalRate: null, drainRate: null, timeToDrainSeconds: null
      },
      workers: { count: null, capacity: null, needed: null, list: null, problems: [] },
      backpressure: { circuitState: 'CLOSED', isKnown: false, asOf: RFC_3339 }
    })
    t.match(readiness.body, { isKnown: false, asOf: RFC_3339 })

    const unknown = { reason: 'queue-unavailable', queueDepth: null }
    const before = app.backpressure.rejectedCount
    const [normal, unread, critical, batch, reset] = await Promise.all([
      post(app, { type: 'x', payload: 1 }),
      post(app, '{', { 'x-event-priority': '9' }),
      post(app, { type: 'x', payload: 1, priority: 1 }),
      postBatch(app, [{ type: 'x', payload: 1, priority: 1 }]),
      app.inject({ method: 'POST', url: '/api/v1/metrics/backpressure/reset' })
    ])
    const sentence = /^The queue cannot be reached; the event is not stored\. Try again in \d{1,2} s\.$/
    assertShed(t, normal, { ...unknown, isKnown: false, detail: sentence, priority: 5 }, 'normal')
    assertShed(t, unread, { ...unknown, priority: 9 }, 'low, unread')
    assertShed(t, critical, { ...unknown, priority: 1 }, 'critical, once its write has failed')
    assertShed(t, batch, { ...unknown, shed: 1 }, 'a critical batch')
    if (name === 'hung') {
      t.match(
        critical.json(),
        { detail: /^The queue did not confirm the event, which may be stored or not\./, mayBeStored: true },
        'an answer that never came'
      )
      t.match(batch.json(), {
        detail: /^The queue did not confirm these events/,
        results: [{ status: 'shed', mayBeStored: true }]
      })
    }
    t.notOk('mayBeStored' in normal.json())
    assertProblem(t, reset, 503, 'queue-unavailable', 'a reset that cannot reach the other replicas')
    t.equal(app.backpressure.rejectedCount - before, 4)

    await end(redis)
    await eventually('the queue is read again', () => app.backpressure.signals.isDepthKnown)
    t.equal((await get(app, 'health/readiness')).status, 200)
    const { id } = (await post(app, { type: 'x', payload: 'after' })).json()
    t.equal(await metric(app, 'rule_engine_queue_health'), 1, 'known again, and no worker is there')
    t.equal((await storedEvents(app)).filter((event) => event.id === id).length, 1)
  })
}

t.test('starts while Redis is down, and works once it is there', async (t) => {
  const redis = await startRedis(t)
  await redis.stop()
  const handled: unknown[] = []
  const handler = {
    name: 'test',
    handler: {
      kind: 'event' as const,
      handle: async ({ payload }: { payload: unknown }) => {
        handled.push(payload)
        return { status: 'done' as const }
      }
    }
  }
  const { app } = await startApp(t, { redis, env: { ROLE: 'all' }, handlers: [handler], awaitsQueue: false })
  t.equal((await get(app, 'health/liveness')).status, 200)
  t.equal((await get(app, 'health/readiness')).status, 503)
  t.equal(await metric(app, 'rule_engine_queue_health'), 4)
  assertShed(
    t,
    await post(app, { type: 'x', payload: 'lost' }),
    { reason: 'queue-unavailable', queueDepth: null },
    'normal'
  )
  assertShed(
    t,
    await post(app, { type: 'x', payload: 'lost', priority: 1 }),
    { reason: 'queue-unavailable' },
    'critical'
  )
  await redis.start()
  await eventually('it is ready', async () => (await get(app, 'health/readiness')).status === 200)
  t.equal((await post(app, { type: 'x', payload: 'kept' })).statusCode, 202)
  await eventually('the event is handled', () => handled.length > 0)
  t.strictSame(handled, ['kept'])
})

t.test('a write that hangs is answered on a real connection too', async (t) => {
  const { app, redis } = await startApp(t)
  redis.pause()
  const request = await beginPost(t, app, '/api/v1/events', {
    'content-type': 'application/json',
    'transfer-encoding': 'chunked'
  })
  request.write('{"type":"x","payload":1,"priority":1}')
  request.end()
  const { statusCode, body } = await request.answer
  t.equal(statusCode, 503)
  t.match(body, { reason: 'queue-unavailable', priority: 1 })
  redis.resume()
})

/* Health, figures and answers while Redis is away. */
import t from 'tap'
import { beginPost, metric, post, postBatch, startApp, storedEvents } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis, type RedisProcess } from '../../../../rig/redis.ts'
import { assertProblem, assertShed, getJson, RFC_3339 } from './setup.ts'

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

    t.equal((await getJson(app, 'health/liveness')).status, 200)
    const readiness = await getJson(app, 'health/readiness')
    t.equal(readiness.status, 503)
    t.match(readiness.body, { status: 'not ready', checks: { queue: 'failed', circuit: 'ok', shutdown: 'ok' } })
    const health = await getJson(app, 'health')
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
      const { status, body } = await getJson(app, path)
      t.equal(status, 200, path)
      t.equal(body.health ?? body.queue.health, 'unknown', path)
      t.match(body, UNKNOWN, path)
    }
    t.match((await getJson(app, 'metrics/queue/summary')).body, { queueDepth: null, workers: null, circuitState: 'CLOSED' })
    t.match((await getJson(app, 'metrics/queue')).body, {
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
    t.equal((await getJson(app, 'health/readiness')).status, 200)
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
  t.equal((await getJson(app, 'health/liveness')).status, 200)
  t.equal((await getJson(app, 'health/readiness')).status, 503)
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
  await eventually('it is ready', async () => (await getJson(app, 'health/readiness')).status === 200)
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

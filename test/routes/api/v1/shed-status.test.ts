import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import t from 'tap'
import { SpillwayClient } from '../../../../clients/typescript/client.ts'
import { post, postBatch, startApp } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startFilled, startOpen, TINIEST } from './setup.ts'

type Ask = (app: FastifyInstance) => Promise<LightMyRequestResponse>

const LOAD_TYPE = 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity'
const NDJSON = { 'content-type': 'application/x-ndjson' }
const NORMAL = { type: 'x', payload: 1, priority: 5 }
const CRITICAL = { ...NORMAL, priority: 1 }
const PAST = '2020-01-01T00:00:00Z'
const lines = (...events: object[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('')

/** Requests that load refuses while the circuit is open. */
const SHED: Record<string, Ask> = {
  'a single event': (app) => post(app, NORMAL),
  'a single event by its header': (app) => post(app, '{', { 'x-event-priority': '5' }),
  'a reading by its route': (app) =>
    app.inject({ method: 'POST', url: '/api/v1/datastreams', headers: { 'x-event-priority': '9' }, payload: {} }),
  'an array by its header': (app) => postBatch(app, '[', { 'x-event-priority': '5' }),
  'an array': (app) => postBatch(app, [NORMAL, NORMAL]),
  'a stream by its header': (app) => postBatch(app, '', { ...NDJSON, 'x-event-priority': '5' }),
  'a stream': (app) => postBatch(app, lines(NORMAL, NORMAL), NDJSON),
  'a deadline that has passed': (app) => post(app, { ...NORMAL, expiresAt: PAST }),
  'deadlines that have passed': (app) => postBatch(app, [{ ...NORMAL, expiresAt: PAST }])
}

for (const status of [503, 429]) {
  t.test(`with SHED_STATUS=${status}`, async (t) => {
    const env = { SHED_STATUS: String(status) }

    await t.test('every refusal because of load has this status, and the rest of its answer is the same', async (t) => {
      const { app } = await startOpen(t, env)
      for (const [claim, ask] of Object.entries(SHED)) {
        const answer = await ask(app)
        const { retryAfterSeconds, ...body } = answer.json()
        t.equal(answer.statusCode, status, claim)
        t.match(body, { type: LOAD_TYPE, status, reason: String, circuitState: 'OPEN', detail: String }, claim)
        t.equal(answer.headers['retry-after'], retryAfterSeconds && String(retryAfterSeconds), claim)
        t.equal(retryAfterSeconds === undefined, body.reason === 'would-expire', claim)
      }
      for (const batch of [[NORMAL, CRITICAL], lines(NORMAL, CRITICAL)]) {
        const mixed = await postBatch(app, batch, typeof batch === 'string' ? NDJSON : {})
        t.match([mixed.statusCode, mixed.json()], [207, { accepted: 1, shed: 1 }])
        const first = mixed.json().results.find(({ index }: { index: number }) => index === 0)
        t.match(first, { status: 'shed', reason: 'circuit-open' })
      }
      const metrics = await app.metricsRegistry.metrics()
      const series = `http_request_duration_seconds_count\\{.*route="/api/v1/events".*status_code="${status}"\\}`
      t.match(metrics, new RegExp(`^${series} 3$`, 'm'))
    })

    await t.test('a full queue is 503', async (t) => {
      const { app } = await startFilled(t, 4, { ...TINIEST, ...env })
      for (const answer of [
        await post(app, NORMAL), await post(app, '{', { 'x-event-priority': '1' }),
        await postBatch(app, [NORMAL, CRITICAL]),
        await postBatch(app, lines(CRITICAL), NDJSON)
      ]) t.match([answer.statusCode, answer.json()], [503, { status: 503, type: LOAD_TYPE, reason: 'queue-full' }])
    })

    await t.test('a queue that is away, and a process that stops, are 503', async (t) => {
      const { app, redis } = await startApp(t, { env })
      await redis.kill()
      await eventually('the depth is unknown', () => !app.backpressure.signals.isDepthKnown)
      for (const answer of [
        await post(app, NORMAL), await postBatch(app, [NORMAL, NORMAL]), await postBatch(app, lines(NORMAL), NDJSON)
      ]) t.match([answer.statusCode, answer.json()], [503, { status: 503, reason: 'queue-unavailable' }])
      app.lifecycle.beginDrain()
      t.equal((await app.inject('/api/v1/health/readiness')).statusCode, 503)
      const stopped = await postBatch(app, lines(CRITICAL), NDJSON)
      t.match([stopped.statusCode, stopped.json()], [503, { type: /:stopping$/ }])
    })

    await t.test('the client waits and sends again, as after any shed event', async (t) => {
      const { app } = await startOpen(t, env)
      // Its patience ends with the answer, however long that takes.
      let now = 0
      app.server.on('request', (_, response) => response.on('finish', () => { now = 1 }))
      const client = new SpillwayClient({
        url: await app.listen({ host: '127.0.0.1', port: 0 }),
        patienceMs: 1,
        clock: { now: () => now, setTimeout, clearTimeout: (timer) => { clearTimeout(timer as NodeJS.Timeout) } }
      })
      t.teardown(() => client.close({ signal: AbortSignal.abort() }))
      t.match(await client.send(NORMAL), { status: 'shed', reason: 'circuit-open', retryAfterSeconds: Number })
    })

    await t.test('the API document says so', async (t) => {
      const { app } = await startApp(t, { env })
      const { info, paths } = (await app.inject('/openapi.json')).json()
      t.match(info.description, new RegExp(`refuses low priorities first, with ${status} `))
      for (const path of ['/api/v1/events', '/api/v1/events/batch', '/api/v1/datastreams']) {
        const { responses } = paths[path].post
        const examples = Object.entries<Record<string, any>>(responses).filter(([code]) => ['429', '503'].includes(code))
          .flatMap(([code, { content }]) =>
            Object.entries<Record<string, any>>(content['application/problem+json'].examples ?? {})
              .map(([name, { value }]) => [name, Number(code), value.status]))
        t.strictSame(examples.toSorted(), [['outage', 503, 503], ['overload', status, status], ['quota', 429, 429]], path)
      }
    })
  })
}

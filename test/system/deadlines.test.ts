import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { SpillwayClient } from '../../clients/typescript/client.ts'
import type { QueuedEvent } from '../../services/event/event.ts'
import { startConsumer, type Consumer } from '../../rig/consumer.ts'
import { eventually } from '../../rig/eventually.ts'
import { capturedLog } from '../captured-log.ts'
import { listen, runCli } from '../cli/run-cli.ts'
import { eventHandler, metric, post, postBatch, startApp } from '../app.ts'

const AHEAD = '2099-12-31T23:59:59.5+01:00'
const PAST = '2026-01-01T00:00:00Z'
const JSON_TYPE = { 'content-type': 'application/json' }
const NDJSON = { 'content-type': 'application/x-ndjson' }

const event = (id: string, expiresAt: unknown) => ({ id, type: 'x', payload: 1, expiresAt })
const cloudEvent = (id: string, expirytime: unknown) =>
  ({ specversion: '1.0', source: '/s', id, type: 'x', data: 1, expirytime })
const binary = (id: string, expirytime: string) => ({
  ...JSON_TYPE, 'ce-specversion': '1.0', 'ce-source': '/s', 'ce-id': id, 'ce-type': 'x', 'ce-expirytime': expirytime
})

/** Every form in which an event can be posted, by name. */
const forms = (app: FastifyInstance): Record<string, (id: string, at: string) => ReturnType<typeof post>> => ({
  single: (id, at) => post(app, event(id, at)),
  structured: (id, at) => post(app, cloudEvent(id, at), { 'content-type': 'application/cloudevents+json' }),
  binary: (id, at) => post(app, '1', binary(id, at)),
  reading: (id, at) => app.inject({
    method: 'POST', url: '/api/v1/datastreams', payload: { deviceId: 'd', values: { one: 1 }, id, expiresAt: at }
  }),
  array: (id, at) => postBatch(app, [event(id, at)]),
  line: (id, at) => postBatch(app, JSON.stringify(event(id, at)), NDJSON),
  'CloudEvents batch': (id, at) =>
    postBatch(app, [cloudEvent(id, at)], { 'content-type': 'application/cloudevents-batch+json' })
})
const delivered = ({ calls }: Consumer) => calls.flatMap(({ body }) => JSON.parse(body) as Record<string, unknown>[])
const receipt = async (app: FastifyInstance, id: string) =>
  (await app.inject(`/api/v1/events/${id}`)).json<{ status: string, expiredAt?: string }>()
const isPast = (at: string) => Date.parse(at) < Date.now()

t.test('a deadline goes all the way in every form, and one that has passed is refused for good', async (t) => {
  const consumer = await startConsumer(t)
  const { app } = await startApp(t, { env: { ROLE: 'all', DELIVERY_URL: consumer.url }, handlers: 'configured' })
  const all = Object.entries(forms(app))
  for (const [form, send] of all) {
    const id = form.replaceAll(' ', '-')
    t.equal((await send(id, AHEAD)).statusCode, 202, form)
    await eventually(`${form} is delivered`, () => delivered(consumer).some((each) => each.id === id))
    t.equal(delivered(consumer).find((each) => each.id === id)?.expirytime, AHEAD, form)
    const refused = await send(`${id}-late`, PAST)
    t.equal(refused.statusCode, 503, form)
    t.match(refused.json(), { reason: 'would-expire', detail: /Do not send it again/ }, form)
    t.notOk('retry-after' in refused.headers, form)
    const wrong = await send(`${id}-wrong`, 'tomorrow')
    t.equal(wrong.statusCode, 400, form)
    t.match(wrong.body, /"field":"(expiresAt|expirytime)"/, form)
  }
  const { events } = (await app.inject('/api/v1/events')).json<{ events: QueuedEvent[] }>()
  t.strictSame(new Set(events.map(({ expiresAt }) => expiresAt)), new Set([AHEAD]))
  for (const priority of [1, 5, 9]) {
    const answer = await post(app, { ...event(`p${priority}`, PAST), priority })
    t.match(answer.json(), { reason: 'would-expire', priority })
  }
  const mixed = await postBatch(app, [event('m1', AHEAD), event('m2', PAST)])
  t.equal(mixed.statusCode, 207)
  t.match(mixed.json(), {
    accepted: 1, shed: 0, wouldExpire: 1, results: [{}, { id: 'm2', status: 'would-expire', reason: 'would-expire' }]
  })

  const env = await listen(app)
  const send = (option: string, value: string, ...lines: object[]) =>
    runCli(['send', '-', option, value], { env, stdin: lines.map((line) => JSON.stringify(line)).join('\n') })
  const undated = (id: string) => ({ payload: 1, type: 'x', id })
  const sent = await send('--expires-at', PAST, event('c1', AHEAD), event('c2', PAST), undated('c3'))
  t.match(sent.out, '1 accepted, 0 duplicate, 2 failed (2 would-expire)')
  t.match(sent.out, 'would-expire: would-expire: The deadline would pass before a worker could take the event')
  t.equal((await send('--expires-in', '3600', undated('c4'))).code, 0)
  await eventually('it is delivered', () => delivered(consumer).some(({ id }) => id === 'c4'))
  const at = Date.parse(delivered(consumer).find(({ id }) => id === 'c4')?.expirytime as string)
  t.ok(at > Date.now() + 3_500_000 && at < Date.now() + 3_700_000)
  t.equal((await runCli(['send', '-', '--expires-in', '5', '--expires-at', AHEAD], { env })).code, 2)
  t.match(await runCli(['send', '-', '--expires-at', 'tomorrow'], { env }), { code: 2, err: /time of RFC 3339/ })
  let requests = 0
  const client = new SpillwayClient({
    url: env.SPILLWAY_URL,
    fetch: async (input, init) => {
      requests++
      return await fetch(input, init)
    }
  })
  t.teardown(() => client.close({ signal: AbortSignal.abort() }))
  const statusOf = async (expiresAt: string) => (await client.send({ type: 'x', payload: 1, expiresAt })).status
  t.strictSame([await statusOf(PAST), await statusOf(AHEAD)], ['would-expire', 'accepted'])
  t.equal(requests, 2, 'none is sent again')
  await eventually('the ledger counts them', async () =>
    await metric(app, 'spillway_ledger_would_expire_total{priority_class="normal"}') === all.length + 5)
  t.equal(await metric(app, 'spillway_ledger_imbalance{side="admission"}'), 0)
  const critical = '{priority_class="critical",reason="would-expire"}'
  t.ok(await metric(app, `rule_engine_backpressure_rejected_total${critical}`) > 0)
})

t.test('a worker that comes too late lets events expire, of a batch and of a replay', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = ({ body }, reply) => {
    const events = JSON.parse(body) as { id: string }[]
    const results = events.map(({ id }) => ({ id, status: id === 'bad' ? 'dead' : 'done' }))
    reply.writeHead(207, JSON_TYPE).end(JSON.stringify({ results }))
  }
  const { app } = await startApp(t, { env: { ROLE: 'all', DELIVERY_URL: consumer.url }, handlers: 'configured' })
  const soon = new Date(Date.now() + 1_500).toISOString()
  t.equal((await post(app, event('bad', soon))).statusCode, 202)
  await eventually('it is a dead letter', async () => (await receipt(app, 'bad')).status === 'dead-letter')
  await app.inject({ method: 'POST', url: '/api/v1/workers/pause' })
  await postBatch(app, [event('late', soon), event('met', AHEAD), { id: 'plain', type: 'x', payload: 1 }])
  await eventually('the deadline has passed', () => isPast(soon))
  await app.inject({ method: 'POST', url: '/api/v1/workers/resume' })
  await eventually('the others are delivered', () => {
    const ids = delivered(consumer).map(({ id }) => id)
    return ['met', 'plain'].every((id) => ids.includes(id))
  })
  await eventually('it has expired', async () => (await receipt(app, 'late')).status === 'expired')
  t.ok(isPast((await receipt(app, 'late')).expiredAt!))
  t.equal((await receipt(app, 'met')).status, 'done')

  await app.inject({ method: 'POST', url: '/api/v1/dead-letters/replay', payload: { filter: {} } })
  await eventually('the replayed one has expired', async () => (await receipt(app, 'bad')).status === 'expired')
  t.equal(delivered(consumer).filter(({ id }) => id === 'bad' || id === 'late').length, 1, 'before the deadline')
  const expired = (priorityClass: string) =>
    metric(app, `spillway_ledger_expired_total{priority_class="${priorityClass}"}`)
  // A replay takes part in spare capacity only, as events of low priority.
  await eventually('the ledger has both', async () => await expired('normal') === 1 && await expired('low') === 1)
  t.equal(await metric(app, 'spillway_ledger_imbalance{side="queue"}'), 0)
  t.equal(await metric(app, 'spillway_worker_events_total{outcome="expired"}'), 2)
})

t.test('under overload nothing is handled late, and admission refuses most of what would expire', async (t) => {
  let late = 0
  const { app } = await startApp(t, {
    env: { ROLE: 'all', BATCH_MAX_EVENTS: '5', RULE_ENGINE_WORKER_CONCURRENCY: '2', HANDLER_CONCURRENCY: '1' },
    handlers: [eventHandler(async ({ expiresAt }) => {
      if (expiresAt !== undefined && isPast(expiresAt)) late++
      await wait(10)
      return { status: 'done' }
    })]
  })
  await postBatch(app, Array.from({ length: 600 }, () => ({ type: 'x', payload: 1 })))
  await eventually('the wait is known', () => (app.backpressure.signals.waits?.normal.ms ?? Infinity) < Infinity)
  const refused = { events: 0 }
  for (let round = 0; round < 20; round++) {
    const expiresAt = new Date(Date.now() + 1_000).toISOString()
    const answer = await postBatch(app, Array.from({ length: 50 }, () => ({ type: 'x', payload: 1, expiresAt })))
    refused.events += answer.json<{ wouldExpire?: number }>().wouldExpire ?? 0
    await wait(50)
  }
  await eventually(
    'the queue is empty', async () => await metric(app, 'spillway_ledger_pending{priority_class="normal"}') === 0
  )
  const expired = await metric(app, 'spillway_ledger_expired_total{priority_class="normal"}')
  t.equal(late, 0)
  t.ok(refused.events > 9 * expired, `${refused.events} refused, ${expired} expired`)
})

t.test('a step of a clock is logged and counted, and ends no deadlines', async (t) => {
  const { log, lines } = capturedLog()
  const { app } = await startApp(t, { log })
  const soon = new Date(Date.now() + 60_000).toISOString()
  app.trustedClock.observeRedis(Date.now() + 3_600_000)
  t.match(lines.filter((line) => line.event === 'clock-stepped'), [{ level: 40, clock: 'redis', holdMs: 60_000 }])
  t.equal((await post(app, event('a', soon))).statusCode, 202)
  t.equal(await metric(app, 'spillway_clock_steps_total{clock="redis"}') > 0, true)
  t.equal(await metric(app, 'spillway_clock_steps_total{clock="host"}'), 0)
})

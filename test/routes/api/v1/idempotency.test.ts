import t from 'tap'
import { KEYS } from '../../../queue-keys.ts'
import { eventHandler, post, postBatch, startApp, storedEvents } from '../../../app.ts'
import { capturedLog } from '../../../captured-log.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis } from '../../../../rig/redis.ts'

const NDJSON = { 'content-type': 'application/x-ndjson' }
const CLOUD_EVENT = { specversion: '1.0', id: 'c', source: '/a', type: 'x' }
const STRUCTURED = { 'content-type': 'application/cloudevents+json' }
const READING = { type: 'reading', payload: 1 }

t.test('a second post of the same event is a duplicate of the first', async (t) => {
  const { app } = await startApp(t)
  const table: [claim: string, event: object, headers: Record<string, string>][] = [
    ['by its id', { ...READING, id: 'mine' }, {}],
    ['by the id of an organization', { ...READING, id: 'mine', organizationId: 'o' }, {}],
    ['by its key', READING, { 'idempotency-key': 'k' }],
    ['by the key of an organization', { ...READING, organizationId: 'o' }, { 'idempotency-key': 'k' }],
    ['by key, though it has an id that was posted before', { ...READING, id: 'mine' }, { 'idempotency-key': 'k2' }],
    ['a CloudEvent', CLOUD_EVENT, STRUCTURED],
    ['a CloudEvent of another source', { ...CLOUD_EVENT, source: '/b' }, STRUCTURED]
  ]
  for (const [claim, event, headers] of table) {
    const first = await post(app, event, headers)
    t.match([first.statusCode, first.json()], [202, { status: 'accepted', durability: 'queued' }], claim)
    const second = await post(app, { ...event, ...('payload' in event && { payload: 2 }) }, headers)
    const { type, priority, id } = first.json()
    t.strictSame([second.statusCode, second.json()], [202, { id, type, priority, status: 'duplicate' }], claim)
  }
  t.equal((await storedEvents(app)).length, table.length)
})

t.test('events that nothing identifies are never duplicates', async (t) => {
  const { app } = await startApp(t)
  for (let round = 0; round < 2; round++) t.equal((await post(app, READING)).json().status, 'accepted')
  const forgetful = await startApp(t, { env: { IDEMPOTENCY_TTL_MS: '0' } })
  for (let round = 0; round < 2; round++)
    t.equal(
      (await post(forgetful.app, { ...READING, id: 'a' })).json().status,
      'accepted',
      'nor any where nothing is remembered'
    )
})

t.test('duplicates are found within bodies of many events and between them', async (t) => {
  const { app } = await startApp(t)
  const events = ['a', 'b', 'a', undefined, undefined].map((id) => ({ ...READING, ...(id !== undefined && { id }) }))
  const first = await postBatch(app, events)
  t.equal(first.statusCode, 202)
  t.match(first.json(), {
    accepted: 4,
    duplicate: 1,
    results: [{ status: 'accepted' }, { status: 'accepted' }, { index: 2, status: 'duplicate', id: 'a' }, {
      status: 'accepted'
    }, {}]
  })
  const lines = `${events.map((event) => JSON.stringify(event)).join('\n')}\n{"type":"x"}`
  const second = await postBatch(app, lines, NDJSON)
  t.equal(second.statusCode, 207)
  t.match(
    second.json(),
    { accepted: 2, duplicate: 3, invalid: 1, results: [{ status: 'invalid' }] },
    'and are not listed among what was refused'
  )
  t.equal((await storedEvents(app)).length, 6)
  t.match(
    (await postBatch(app, [{ ...READING, id: 'a' }])).json(),
    { accepted: 0, duplicate: 1 },
    'all of them are duplicates'
  )
})

t.test('one key for many events stands for each of them by its place', async (t) => {
  const { app } = await startApp(t)
  const body = [READING, { ...READING, payload: 2 }, { ...READING, id: 'own' }]
  const ids = (answer: Awaited<ReturnType<typeof postBatch>>) =>
    answer.json().results.map(({ id }: { id: string }) => id)
  const first = await postBatch(app, body, { 'idempotency-key': 'body' })
  t.match(first.json(), { accepted: 3, duplicate: 0 })
  const second = await postBatch(app, body, { 'idempotency-key': 'body' })
  t.match(second.json(), { accepted: 0, duplicate: 3 })
  t.strictSame(ids(second), ids(first))
  t.match(
    (await postBatch(app, body.map((event) => JSON.stringify(event)).join('\n'), {
      ...NDJSON,
      'idempotency-key': 'body'
    })).json(),
    { accepted: 0, duplicate: 3 }
  )
  t.match((await postBatch(app, [...body, READING], { 'idempotency-key': 'body' })).json(), {
    accepted: 1,
    duplicate: 3
  })
})

t.test('the same stream twice is handled once', async (t) => {
  const handled = new Set<unknown>()
  let runs = 0
  const { app } = await startApp(t, {
    env: { ROLE: 'all' },
    handlers: [eventHandler(({ payload }) => {
      runs++
      handled.add(payload)
      return { status: 'done' }
    })]
  })
  const EVENTS = 5_000
  const stream = Array.from(
    { length: EVENTS },
    (_, index) => JSON.stringify({ ...READING, id: `e-${index}`, payload: index, priority: 1 + index % 10 })
  ).join('\n')
  const reports = await Promise.all([postBatch(app, stream, NDJSON), postBatch(app, stream, NDJSON)])
  const counts = reports.map((report) => report.json())
  t.equal(counts[0].accepted + counts[1].accepted, EVENTS, 'even when both run at once')
  t.equal(counts[0].duplicate + counts[1].duplicate, EVENTS)
  t.match((await postBatch(app, stream, NDJSON)).json(), { accepted: 0, duplicate: EVENTS, results: { length: 0 } })
  await eventually('all are handled', () => handled.size === EVENTS)
  t.equal(runs, EVENTS)
})

t.test('a wrong header is named', async (t) => {
  const { app } = await startApp(t)
  for (
    const [header, value, field] of [['x-event-durability', 'maybe', 'X-Event-Durability'], [
      'idempotency-key',
      'x'.repeat(257),
      'Idempotency-Key'
    ]] as const
  ) {
    for (
      const answer of [
        await post(app, READING, { [header]: value }),
        await postBatch(app, [READING], { [header]: value })
      ]
    ) {
      t.equal(answer.statusCode, 400)
      t.match(answer.json(), { errors: [{ field }] })
    }
  }
})

t.test('synced is named where it is met, and 501 where it cannot be', async (t) => {
  const { app } = await startApp(t, { redis: await startRedis(t, { appendonly: true }) })
  const synced = { 'x-event-durability': 'synced' }
  t.match((await post(app, READING, synced)).json(), { status: 'accepted', durability: 'synced' })
  t.match((await postBatch(app, [READING, READING], synced)).json(), {
    durability: { queued: 0, synced: 2, spooled: 0 }
  })
  const { app: without } = await startApp(t)
  for (
    const answer of [
      await post(without, READING, synced),
      await postBatch(without, [READING], synced),
      await postBatch(without, JSON.stringify(READING), { ...NDJSON, ...synced })
    ]
  ) {
    t.equal(answer.statusCode, 501)
    t.match(answer.json(), { type: 'urn:spillway:problem:durability-unsupported', status: 501 })
  }
  t.equal((await storedEvents(without)).length, 0)
})

t.test('ids are remembered for as long as is configured, and for less once there are as many as may be', async (t) => {
  const { log, lines } = capturedLog()
  const { app } = await startApp(t, { env: { IDEMPOTENCY_TTL_MS: '500000', IDEMPOTENCY_MAX_IDS: '20' }, log })
  const livesOf = async () =>
    await Promise.all((await app.redis.keys(`${KEYS.seenPrefix}*`)).map((key) => app.redis.pttl(key)))
  await post(app, { ...READING, id: 'first' })
  const [life] = await livesOf()
  t.ok(life !== undefined && life > 400_000 && life <= 500_000, `${life} ms`)
  await postBatch(app, Array.from({ length: 20 }, (_, index) => ({ ...READING, id: `${index}` })))
  await eventually('it is seen that there are many', () => app.idLife.isShortened)
  await post(app, { ...READING, id: 'last' })
  t.ok(Math.min(...await livesOf()) <= 10_000)
  t.match(lines.find(({ event }) => event === 'ids-remembered-shorter'), { level: 40, ids: 21, lifeMs: 10_000 })
})

import t from 'tap'
import { post, postBatch, startApp, storedEvents } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis } from '../../../../rig/redis.ts'
import { depthIs } from './setup.ts'

const NDJSON = { 'content-type': 'application/x-ndjson' }
const STRUCTURED = { 'content-type': 'application/cloudevents+json' }
const EVENT = { type: 'x', payload: 1, priority: 5 }
const PROBLEM = {
  type: 'urn:spillway:problem:identity-conflict',
  status: 409,
  reason: 'identity-conflict',
  detail: String
}

t.test('an id that is known is refused for a better priority or another type, and is a duplicate for any other', async (t) => {
  const { app } = await startApp(t)
  const cloudEvent = { specversion: '1.0', id: 'c', source: '/a', type: 'x', priority: 5 }
  const forms: [claim: string, event: { type: string, priority: number }, headers: Record<string, string>][] = [
    ['an id', { ...EVENT, id: 'a' } as typeof EVENT, {}],
    ['an Idempotency-Key', EVENT, { 'idempotency-key': 'k' }],
    [
      'an Idempotency-Key, though the id is another',
      { ...EVENT, id: 'b' } as typeof EVENT,
      { 'idempotency-key': 'k2' }
    ],
    ['the id of an organization', { ...EVENT, id: 'a', organizationId: 'o' } as typeof EVENT, {}],
    ['a CloudEvent', cloudEvent, STRUCTURED]
  ]
  for (const [claim, event, headers] of forms) {
    const first = await post(app, event, headers)
    t.equal(first.statusCode, 202, claim)
    const table: [change: object, fields: string[]][] = [
      [{ priority: 1 }, ['priority']],
      [{ type: 'y' }, ['type']],
      [{ type: 'y', priority: 4 }, ['type', 'priority']],
      [{ type: 'y', priority: 9 }, ['type']]
    ]
    for (const [change, fields] of table) {
      const answer = await post(app, { ...event, ...change }, headers)
      t.match(
        [answer.statusCode, answer.json()],
        [409, { ...PROBLEM, errors: fields.map((field) => ({ field, message: String })) }],
        `${claim}: ${JSON.stringify(change)}`
      )
      t.equal(answer.headers['retry-after'], undefined, 'to repeat it is of no use')
    }
    t.match(
      (await post(app, { ...event, priority: 9 }, headers)).json(),
      { status: 'duplicate', id: first.json().id },
      `${claim}: a worse priority`
    )
  }
  t.equal((await storedEvents(app)).length, forms.length, 'nothing is stored twice')
})

t.test('answers for each event of many, and for all of them together', async (t) => {
  const { app } = await startApp(t)
  await post(app, { ...EVENT, id: 'a' })
  const body = [
    { ...EVENT, id: 'a', priority: 1 }, { ...EVENT, id: 'b' }, { ...EVENT, id: 'b', type: 'y' },
    { ...EVENT, id: 'b', priority: 6 }
  ]
  const conflict = (id: string, field: string) => ({
    id, status: 'invalid', reason: 'identity-conflict', errors: [{ field }]
  })
  const array = await postBatch(app, body)
  t.match(
    [array.statusCode, array.json()],
    [
      207,
      {
        accepted: 1,
        duplicate: 1,
        invalid: 2,
        results: [
          conflict('a', 'priority'), { status: 'accepted' }, conflict('b', 'type'), { status: 'duplicate', id: 'b' }
        ]
      }
    ]
  )
  const stream = await postBatch(app, body.map((event) => JSON.stringify(event)).join('\n'), NDJSON)
  t.match(
    [stream.statusCode, stream.json()],
    [
      207,
      {
        accepted: 0,
        duplicate: 2,
        invalid: 2,
        results: [
          { line: 1, ...conflict('a', 'priority') }, { line: 3, ...conflict('b', 'type') }
        ]
      }
    ]
  )
  const all = await postBatch(app, [body[0], body[2]])
  t.match(
    [all.statusCode, all.json()],
    [409, { ...PROBLEM, invalid: 2, results: [conflict('a', 'priority'), conflict('b', 'type')] }]
  )
})

t.test('two at the same moment are no exception', async (t) => {
  const { app } = await startApp(t)
  const answers = await Promise.all([post(app, { ...EVENT, id: 'a' }), post(app, { ...EVENT, id: 'a', priority: 1 })])
  t.strictSame(answers.map(({ statusCode }) => statusCode), [202, 409])
  t.equal(answers[1]?.json().reason, 'identity-conflict')
  const alike = await Promise.all([post(app, { ...EVENT, id: 'b' }), post(app, { ...EVENT, id: 'b' })])
  t.match(
    alike.map((answer) => answer.json()),
    [{ status: 'accepted' }, { status: 409, reason: 'in-flight' }],
    'one that only has to wait learns so'
  )
})

t.test('nor is the spool, and what it has promised is stored even where another event has the id', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const { app } = await startApp(t, { redis, env: { SPOOL_CLASSES: 'critical,normal' } })
  await post(app, { ...EVENT, id: 'known' })
  await redis.kill()
  await eventually('the queue is lost', () => !app.backpressure.signals.isDepthKnown)
  t.match((await post(app, { ...EVENT, id: 'a', priority: 2 })).json(), { status: 'accepted', durability: 'spooled' })
  t.match((await post(app, { ...EVENT, id: 'a', priority: 1 })).json(), PROBLEM)
  t.match((await post(app, { ...EVENT, id: 'a', priority: 2, type: 'y' })).json(), PROBLEM)
  t.match((await post(app, { ...EVENT, id: 'a', priority: 3 })).json(), {
    status: 'duplicate',
    id: 'a',
    durability: 'spooled'
  })
  t.match(
    (await post(app, { ...EVENT, id: 'known', priority: 1 })).json(),
    { status: 'accepted', durability: 'spooled' },
    'the spool does not know what the queue has'
  )
  await redis.start()
  await depthIs(app, 3)
  t.strictSame(
    (await storedEvents(app)).map(({ id, priority }) => [id, priority]),
    [
      ['known', 1], ['a', 2], ['known', 5]
    ]
  )
})

t.test('admission balances', async (t) => {
  const { app } = await startApp(t)
  await post(app, { ...EVENT, id: 'a' })
  await post(app, { ...EVENT, id: 'a', priority: 1 })
  const page = async () => (await app.inject('/api/v1/metrics/prometheus')).body
  await eventually('it is booked', async () =>
    (await page()).includes('spillway_ledger_invalid_total{priority_class="critical"} 1')
  )
  t.match(await page(), /spillway_ledger_imbalance\{side="admission"\} 0\n/)
})

import t from 'tap'
import { post, startApp, storedEvents } from '../../../app.ts'
import { assertInvalid } from './setup.ts'

const CLOUD_EVENT = { specversion: '1.0', id: 'ce-1', source: '/machines/7', type: 'started' }
const STRUCTURED = { 'content-type': 'application/cloudevents+json' }
const BINARY = { 'ce-specversion': '1.0', 'ce-id': 'ce-1', 'ce-source': '/machines/7', 'ce-type': 'started' }

// One app for everything that its queue does not need to be empty for.
const { app } = await startApp(t, {
  env: { EVENT_PRIORITIES: '{"alarm":1,"report":9}', DEFAULT_EVENT_PRIORITY: '7', BODY_LIMIT_BYTES: '4096' }
})

t.test('names every field of an event that is wrong, and stores nothing of it', async (t) => {
  const before = (await storedEvents(app)).length
  const long = 'x'.repeat(257)
  const table: [body: unknown, fields: string[]][] = [
    [{}, ['type', 'payload']],
    [{ payload: 1 }, ['type']],
    [{ type: 'x' }, ['payload']],
    [{ type: 1, payload: 1 }, ['type']],
    [{ type: '', payload: 1 }, ['type']],
    [{ type: long, payload: 1 }, ['type']],
    [{ type: null, payload: 1 }, ['type']],
    [{ type: 'x', payload: 1, extra: 1 }, ['extra']],
    [{ type: 'x', payload: 1, Priority: 1, 'a/b~c': 1 }, ['Priority', 'a/b~c']],
    [{ type: 'x', payload: 1, priority: 0 }, ['priority']],
    [{ type: 'x', payload: 1, priority: 11 }, ['priority']],
    [{ type: 'x', payload: 1, priority: -1 }, ['priority']],
    [{ type: 'x', payload: 1, priority: 1.5 }, ['priority']],
    [{ type: 'x', payload: 1, priority: '1' }, ['priority']],
    [{ type: 'x', payload: 1, priority: null }, ['priority']],
    [{ type: 'x', payload: 1, priority: true }, ['priority']],
    [{ type: 'x', payload: 1, id: '' }, ['id']],
    [{ type: 'x', payload: 1, id: long }, ['id']],
    [{ type: 'x', payload: 1, id: 7 }, ['id']],
    [{ type: 'x', payload: 1, organizationId: '' }, ['organizationId']],
    [{ type: 'x', payload: 1, organizationId: {} }, ['organizationId']],
    [{ type: 'x', payload: 1, occurredAt: 'yesterday' }, ['occurredAt']],
    [{ type: 'x', payload: 1, occurredAt: 1_700_000_000 }, ['occurredAt']],
    [{ type: 'x', payload: 1, receivedAt: '2026-03-01T10:00:00Z', attempt: 3, completedSteps: [] }, [
      'receivedAt',
      'attempt',
      'completedSteps'
    ]],
    [{ type: 7, priority: 11, id: '', extra: 1 }, ['payload', 'extra', 'type', 'priority', 'id']],
    ['text', ['']], [7, ['']], [null, ['']], [true, ['']], [[], ['']], [[{ type: 'x', payload: 1 }], ['']]
  ]
  for (const [body, fields] of table)
    assertInvalid(t, await post(app, JSON.stringify(body)), fields, JSON.stringify(body).slice(0, 60))
  t.equal((await storedEvents(app)).length, before)
})

t.test('names no field of the server for a body of the wrong shape', async (t) => {
  assertInvalid(t, await post(app, '[1]', { 'x-event-type': 'x' }), [''], 'an array')
})

t.test('names every attribute of a CloudEvent that is wrong', async (t) => {
  const { source: _source, ...sourceless } = CLOUD_EVENT
  const table: [body: unknown, fields: string[]][] = [
    [{}, ['specversion', 'id', 'source', 'type']],
    [sourceless, ['source']],
    [{ ...CLOUD_EVENT, specversion: '0.3' }, ['specversion']],
    [{ ...CLOUD_EVENT, id: '' }, ['id']],
    [{ ...CLOUD_EVENT, type: 5 }, ['type']],
    [{ ...CLOUD_EVENT, time: 'noon' }, ['time']],
    [{ ...CLOUD_EVENT, priority: 0 }, ['priority']],
    [{ ...CLOUD_EVENT, organizationid: '' }, ['organizationid']],
    [{ ...CLOUD_EVENT, datacontenttype: 'text/xml', data: '<a/>' }, ['datacontenttype']],
    [{ ...CLOUD_EVENT, subject: '' }, ['subject']],
    [{ ...CLOUD_EVENT, data_base64: 'AA==' }, ['data_base64']],
    [{ ...CLOUD_EVENT, Upper: 'x' }, ['Upper']],
    [{ ...CLOUD_EVENT, extension: { deep: 1 } }, ['extension']],
    [[CLOUD_EVENT], ['']]
  ]
  for (const [body, fields] of table)
    assertInvalid(t, await post(app, JSON.stringify(body), STRUCTURED), fields, JSON.stringify(body).slice(0, 90))
  assertInvalid(
    t,
    await post(app, {}, { 'ce-specversion': '1.0', 'ce-id': '1' }),
    ['source', 'type'],
    'a binary one without source and type'
  )
  for (const priority of ['high', '01', '0']) {
    assertInvalid(t, await post(app, {}, { ...BINARY, 'ce-priority': priority }), ['priority'], `binary, ${priority}`)
  }
  assertInvalid(
    t,
    await post(app, {}, { ...BINARY, 'ce-specversion': '2.0' }),
    ['specversion'],
    'a binary one of another version'
  )
})

t.test('names X-Event-Priority when it is no priority', async (t) => {
  for (const value of ['0', '11', '-1', '1.5', 'high', '0x1', '', '1, 2', '01', '001']) {
    assertInvalid(t, await post(app, { type: 'x', payload: 1, priority: 1 }, { 'x-event-priority': value }), [
      'X-Event-Priority'
    ], JSON.stringify(value))
  }
})

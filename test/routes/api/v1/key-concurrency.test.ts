import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { beginPost, listen, post, startApp } from '../../../app.ts'
import { makeKey } from '../../../services/producer/setup.ts'
import { eventually } from '../../../../rig/eventually.ts'

const NDJSON = 'application/x-ndjson'

t.test('a key has a bounded number of requests and streams in flight, and gets its slots back', async (t) => {
  const [one, other] = [makeKey(), makeKey()]
  const path = join(t.testdir({ 'keys.json': JSON.stringify([one.record, other.record]) }), 'keys.json')
  const { app } = await startApp(t, { env: { API_KEYS_FILE: path, KEY_MAX_REQUESTS: '2', KEY_MAX_STREAMS: '1' } })
  const stream = (key: string) => beginPost(t, app, '/api/v1/events/batch', { 'content-type': NDJSON, 'x-api-key': key })
  const single = async (key: string) => (await post(app, { type: 'a', payload: 1 }, { 'x-api-key': key })).statusCode

  const open = await stream(one.key)
  open.write('{"type":"a","payload":1}\n')
  await eventually('the stream is open', () => app.keyStreams.keys === 1)
  const second = await stream(one.key)
  t.match(await second.answer, { statusCode: 429, body: { reason: 'too-many-key-streams' } })
  const waiting = await beginPost(t, app, '/api/v1/events', {
    'content-type': 'application/json', 'content-length': '1000', 'x-api-key': one.key
  })
  await eventually('two requests are in flight', async () => await single(one.key) === 429)
  t.equal(await single(other.key), 202, 'another key has its own')
  waiting.hangUp()
  await eventually('a slot is free', async () => await single(one.key) === 202)
  open.end()
  t.match(await open.answer, { statusCode: 202 })
  const third = await stream(one.key)
  third.write('{"type":"a","payload":1}\n')
  third.end()
  t.match(await third.answer, { statusCode: 202 })
})

t.test('a stream of signals takes a place of its key, until it is over', async (t) => {
  const { key, record } = makeKey({ organizationId: undefined, scopes: ['admin'] })
  const path = join(t.testdir({ 'keys.json': JSON.stringify([record]) }), 'keys.json')
  const { app } = await startApp(t, { env: { API_KEYS_FILE: path, KEY_MAX_STREAMS: '1' } })
  const headers = { 'x-api-key': key }
  await listen(app)
  const watch = async () => {
    const { port } = app.server.address() as AddressInfo
    const outgoing = request({ host: '127.0.0.1', port, path: '/api/v1/dashboard/stream', agent: false, headers }).end()
    outgoing.on('error', () => {})
    t.teardown(() => { outgoing.destroy() })
    const [{ statusCode }] = await once(outgoing, 'response') as [IncomingMessage]
    return { statusCode, hangUp: () => { outgoing.destroy() } }
  }
  const first = await watch()
  t.equal(first.statusCode, 200)
  const begun = await app.inject({ method: 'POST', url: '/api/v1/dead-letters/replay', payload: { filter: {} }, headers })
  for (const path of ['dashboard/stream', `dead-letters/replays/${begun.json().id}/events`]) {
    const refused = await app.inject({ url: `/api/v1/${path}`, headers })
    t.match([refused.statusCode, refused.json()], [429, { reason: 'too-many-key-streams' }], path)
  }
  first.hangUp()
  await eventually('the place is free', () => app.keyStreams.keys === 0)
  t.equal((await watch()).statusCode, 200)
})

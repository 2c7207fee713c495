import { request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import t from 'tap'
import { beginPost, post, postBatch, startApp, storedEvents } from '../../../app.ts'
import { assertProblem } from './setup.ts'

const { app } = await startApp(t)
const EVENT = { type: 'x', payload: 'ä' }
const BINARY = { 'ce-specversion': '1.0', 'ce-source': '/machines/7', 'ce-type': 'started' }

t.test('takes every name of UTF-8 and every way to say that nothing is encoded', async (t) => {
  for (
    const type of [
      'application/json; charset=utf8',
      'application/json; charset="UTF-8"',
      'application/json;charset=us-ascii',
      'Application/JSON; Charset=UTF-8'
    ]
  ) {
    t.equal((await post(app, EVENT, { 'content-type': type })).statusCode, 202, type)
    t.equal((await postBatch(app, [EVENT], { 'content-type': type })).statusCode, 202, `${type}, an array`)
  }
  for (const encoding of ['', 'identity', 'Identity', 'IDENTITY']) {
    t.equal((await post(app, EVENT, { 'content-encoding': encoding })).statusCode, 202, encoding)
    const stream = await postBatch(app, `${JSON.stringify(EVENT)}\n`, {
      'content-type': 'application/x-ndjson',
      'content-encoding': encoding
    })
    t.equal(stream.statusCode, 202, `${encoding}, a stream`)
  }
})

t.test('a 415 names the types that the route takes, and the header to send', async (t) => {
  const table: [url: string, type: string | undefined, accept: string, detail: RegExp][] = [
    [
      '/api/v1/events',
      'application/x-www-form-urlencoded',
      'application/json, application/cloudevents+json',
      /curl -d sends it by default: add -H 'Content-Type: application\/json'/
    ],
    [
      '/api/v1/events',
      undefined,
      'application/json, application/cloudevents+json',
      /has no Content-Type; add the header "Content-Type: application\/json"/
    ],
    [
      '/api/v1/events',
      'text/plain',
      'application/json, application/cloudevents+json',
      /Content-Type text\/plain is not supported; .*application\/cloudevents\+json/
    ],
    ['/api/v1/events', 'json', 'application/json, application/cloudevents+json', /Content-Type json is not supported/],
    [
      '/api/v1/events/batch',
      'text/csv',
      'application/json, application/cloudevents-batch+json, application/x-ndjson, application/ndjson, ' +
      'application/jsonl',
      /application\/x-ndjson/
    ],
    ['/api/v1/datastreams', 'text/csv', 'application/json', /send the header "Content-Type: application\/json"/],
    ['/api/v1/dead-letters/replay', 'text/csv', 'application/json', /send the header "Content-Type: application\/json"/]
  ]
  for (const [url, type, accept, detail] of table) {
    const answer = await app.inject({
      method: 'POST',
      url,
      headers: { host: 'localhost', ...(type !== undefined && { 'content-type': type }) },
      payload: Buffer.from('{"type":"x","payload":1}')
    })
    assertProblem(t, answer, 415, 'unsupported-media-type', `${url} ${type}`)
    t.match(answer.json().detail, detail)
    t.equal(answer.headers.accept, accept)
  }
})

t.test('takes a chunked CloudEvent without data', async (t) => {
  const call = await beginPost(t, app, '/api/v1/events', {
    ...BINARY,
    'ce-id': 'empty',
    'transfer-encoding': 'chunked'
  })
  call.end()
  t.match(await call.answer, { statusCode: 202, body: { id: 'empty', type: 'started' } })
  const stored = (await storedEvents(app)).find(({ id }) => id === 'empty')
  t.ok(stored !== undefined && !('payload' in stored))
  const wrong = await beginPost(t, app, '/api/v1/events', {
    ...BINARY,
    'ce-id': 'full',
    'transfer-encoding': 'chunked'
  })
  wrong.write('{}')
  wrong.end()
  t.match(
    await wrong.answer,
    { statusCode: 415, body: { detail: /has no Content-Type/ } },
    'data without a type is not guessed'
  )
})

t.test('invites no body that it will not take', async (t) => {
  await app.listen({ host: '127.0.0.1', port: 0 }).catch(() => {})
  const { port } = app.server.address() as AddressInfo
  const table: [claim: string, path: string, headers: Record<string, string>, status: number, isInvited: boolean][] = [
    ['too large', '/api/v1/events', { 'content-type': 'application/json', 'content-length': '1048577' }, 413, false],
    [
      'too large for an array',
      '/api/v1/events/batch',
      { 'content-type': 'application/json', 'content-length': '16777217' },
      413,
      false
    ],
    ['of another type', '/api/v1/events', { 'content-type': 'text/plain', 'content-length': '2' }, 415, false],
    [
      'encoded',
      '/api/v1/events',
      { 'content-type': 'application/json', 'content-encoding': 'compress', 'content-length': '2' },
      415,
      false
    ],
    ['for nobody', '/api/v1/nothing', { 'content-type': 'application/json', 'content-length': '2' }, 404, false],
    ['by a wrong method', '/api/v1/health', { 'content-type': 'application/json', 'content-length': '2' }, 405, false],
    ['wrong', '/api/v1/events', { 'content-type': 'application/json', 'content-length': '2' }, 400, true],
    ['of no array', '/api/v1/events/batch', { 'content-type': 'application/json', 'content-length': '2' }, 400, true],
    [
      'of a stream',
      '/api/v1/events/batch',
      { 'content-type': 'application/x-ndjson', 'content-length': '2' },
      400,
      true
    ]
  ]
  for (const [claim, path, headers, status, isInvited] of table) {
    const call = request({
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      agent: false,
      headers: { ...headers, expect: '100-continue' }
    })
    let wasInvited = false
    call.once('continue', () => {
      wasInvited = true
      call.end('{}')
    })
    call.flushHeaders()
    const [answer] = await once(call, 'response') as [IncomingMessage]
    await json(answer)
    t.strictSame([answer.statusCode, wasInvited], [status, isInvited], claim)
    if (!isInvited)
      t.equal(answer.headers.connection, 'close', 'or what comes next would be taken for the body that does not')
    call.destroy()
  }
})

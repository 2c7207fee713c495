import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { SpillwayClient, type SendOptions, type SpillwayClientOptions } from '../../../clients/typescript/client.ts'
import { SimulatedClock, SimulatedService } from './simulation.ts'

const EVENT = { type: 'reading', payload: 1 }

/** Texts that a header cannot hold: beyond a byte, ends of lines and other controls. */
const UNSENDABLE = ['00-€', '00-😀', 'a\nb', 'a\r', '\0', '\u0007', '\u007f']

/** A service that takes everything, asked by the real `fetch`, and the headers that it was asked with. */
async function startService (t: Test) {
  const asked: IncomingHttpHeaders[] = []
  const server = createServer((request, reply) => {
    asked.push(request.headers)
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => { body += text }).on('end', () => {
      const results = (JSON.parse(body) as { id: string }[]).map(({ id }) => ({ status: 'accepted', id }))
      reply.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify({ results }))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

/** A client whose time stands still: an answer that comes was not waited for. */
function startStill (options: Partial<SpillwayClientOptions> = {}) {
  const clock = new SimulatedClock()
  const service = new SimulatedService(clock)
  return {
    clock,
    service,
    client: new SpillwayClient({ url: 'http://service', clock, fetch: service.fetch, newId: () => 'made', ...options })
  }
}

t.test('an event that no request can carry fails at once and alone', async (t) => {
  const { url, asked } = await startService(t)
  // Its patience is short, so that a mistake that counts as an outage shows soon.
  const client = new SpillwayClient({ url, patienceMs: 2_000 })
  t.teardown(() => client.close({ signal: AbortSignal.abort() }))
  const beside = client.send(EVENT)
  for (const traceparent of UNSENDABLE) {
    t.match(await client.send({ ...EVENT, id: 'own' }, { traceparent }), {
      status: 'invalid', id: 'own', reason: 'unsendable', errors: [{ field: 'traceparent', message: /Latin-1/ }]
    }, JSON.stringify(traceparent))
  }
  t.match(await beside, { status: 'accepted' }, 'the others go')
  t.match(
    await client.send(EVENT, { traceparent: '00-für-\xe9\t' }),
    { status: 'accepted' },
    'whatever can be sent is, and the service judges it'
  )
  t.equal(asked.length, 2)
})

t.test('what is given in place of an event or an option is named, and send never rejects or throws', async (t) => {
  const { client, service } = startStill()
  const table: [event: unknown, options: unknown, field: string][] = [
    [null, undefined, ''], [undefined, undefined, ''], ['text', {}, ''], [7, {}, ''],
    [EVENT, null, 'options'], [EVENT, 'text', 'options'],
    [EVENT, { traceparent: 7 }, 'traceparent'], [EVENT, { traceparent: null }, 'traceparent'],
    [EVENT, { payloadText: 7 }, 'payloadText'], [EVENT, { payloadText: '"\ud800"' }, 'payloadText'],
    [EVENT, { signal: {} }, 'signal'], [EVENT, { signal: 'abort' }, 'signal'], [EVENT, { signal: null }, 'signal']
  ]
  for (const [event, options, field] of table) {
    t.match(await client.send(event as typeof EVENT, options as SendOptions), {
      status: 'invalid',
      id: 'made',
      reason: 'unsendable',
      errors: [{ field }]
    }, JSON.stringify([event, options]))
  }
  t.strictSame([service.requests.length, client.pending.events], [0, 0])
})

t.test('an option with which no request can be made is a mistake, told at once with its name', async (t) => {
  const table: [field: string, options: Record<string, unknown>][] = [
    ['url', { url: 'ftp://host' }],
    ['url', { url: 'host:3000' }],
    ['url', { url: undefined }],
    ['url', { url: 7 }],
    ['url', { url: 'http://:secret@host' }],
    ...['', 'two\nlines', 'a\u0007', 7, null].map((token): [string, object] => ['token', { token }]) as [
      string,
      Record<string, unknown>
    ][],
    ['headers', { headers: 'x: y' }],
    ['headers', { headers: new Headers({ a: 'b' }) }],
    ['headers', { headers: [['a', 'b']] }],
    ...UNSENDABLE.map((value): [string, Record<string, unknown>] => ['headers.x-a', { headers: { 'x-a': value } }]),
    ['headers.x-a', { headers: { 'x-a': 7 } }],
    ['headers.x a', { headers: { 'x a': 'b' } }],
    ['headers.', { headers: { '': 'b' } }],
    ['headers.x-ü', { headers: { 'x-ü': 'b' } }],
    ['headers.X-A', { headers: { 'x-a': 'b', 'X-A': 'c' } }],
    ...[
      'Expect',
      'Connection',
      'Content-Length',
      'Transfer-Encoding',
      'Upgrade',
      'Keep-Alive',
      'Content-Encoding',
      'Idempotency-Key'
    ]
      .map((name): [string, Record<string, unknown>] => [`headers.${name}`, { headers: { [name]: '1' } }]),
    ...['maxBatchEvents', 'maxBatchBytes', 'maxSpoolEvents', 'maxSpoolBytes', 'maxRequests', 'requestTimeoutMs']
      .flatMap((name) =>
        [0, -1, NaN, '10', null].map((value): [string, Record<string, unknown>] => [name, { [name]: value }])
      ),
    ['maxBatchBytes', { maxBatchBytes: Infinity }],
    ['requestTimeoutMs', { requestTimeoutMs: 2 ** 31 }],
    ['requestTimeoutMs', { requestTimeoutMs: Infinity }],
    ['patienceMs', { patienceMs: -1 }],
    ['patienceMs', { patienceMs: NaN }],
    ['retryBudget', { retryBudget: 5 }],
    ['retryBudget.ratio', { retryBudget: { ratio: -0.1 } }],
    ['retryBudget.perSecond', { retryBudget: { perSecond: Infinity } }],
    ['retryBudget.capacity', { retryBudget: { capacity: '9' } }],
    ['priorities', { priorities: [] }],
    ['priorities.alarm', { priorities: { alarm: 0 } }],
    ['priorities.alarm', { priorities: { alarm: '1' } }],
    ['newId', { newId: 'id' }],
    ['fetch', { fetch: {} }],
    ['random', { random: 0.5 }],
    ['clock', { clock: 1 }],
    ['clock.now', { clock: {} }],
    ['clock.clearTimeout', { clock: { now: () => 0, setTimeout: () => 0 } }]
  ]
  for (const [field, options] of table) {
    const make = () => new SpillwayClient({ url: 'http://127.0.0.1', ...options } as SpillwayClientOptions)
    t.throws(make, {
      name: 'TypeError',
      field,
      code: field === 'url' ? 'ERR_INVALID_URL' : 'ERR_INVALID_OPTION',
      message: new RegExp(`^${field.replace('.', '\\.')}: `)
    }, `${field} ${JSON.stringify(options)}`)
  }
  for (const options of [null, undefined, 'http://127.0.0.1', []])
    t.throws(() => new SpillwayClient(options as never), { name: 'TypeError', message: /^(options|url): / })
  t.doesNotThrow(() =>
    new SpillwayClient({
      url: 'https://host/below',
      patienceMs: 0,
      maxSpoolEvents: Infinity,
      maxBatchEvents: 1,
      retryBudget: {},
      headers: {},
      priorities: {}
    })
  )
})

t.test('no message of a mistake shows a token', async (t) => {
  for (
    const options of [{ token: 'secret\n1' }, { headers: { authorization: 'secret\n1' } }, {
      url: 'http://a:secret@host'
    }]
  ) {
    try {
      t.fail(String(new SpillwayClient({ url: 'http://host', ...options })))
    } catch (error) {
      t.notMatch((error as Error).message, 'secret')
    }
  }
})

t.test('a token of any text is sent as its bytes in UTF-8; names of headers are the same in any case', async (t) => {
  const { url, asked } = await startService(t)
  const client = new SpillwayClient({
    url,
    token: 'schlüssel-😀',
    headers: { 'Content-Type': 'text/plain', Authorization: 'other', 'X-Note': 'f\xfcr' }
  })
  t.match(await client.send(EVENT), { status: 'accepted' })
  await client.close()
  const [{ authorization, ...headers } = {}] = asked
  t.equal(Buffer.from(authorization ?? '', 'latin1').toString(), 'Bearer schlüssel-😀')
  t.match(headers, { 'content-type': 'application/json', 'x-note': 'f\xfcr' })
})

t.test('what fetch itself refuses is no outage', async (t) => {
  // Port 6000 is that of X11, which no browser and no fetch of Node.js calls.
  const client = new SpillwayClient({ url: 'http://127.0.0.1:6000', patienceMs: 2_000 })
  t.match(await client.send(EVENT), { status: 'invalid', reason: 'unsendable', errors: [{ message: /port/ }] })
  for (const code of ['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED']) {
    const { client: refused } = startStill({
      fetch: async () => {
        throw new TypeError('fetch failed', { cause: Object.assign(new Error('why'), { code }) })
      }
    })
    t.match(await refused.send(EVENT), { status: 'invalid', reason: 'unsendable', errors: [{ message: /why/ }] })
  }
})

t.test('a wait that is longer than a timer can be does not end at once', async (t) => {
  const delays: number[] = []
  const clock = new SimulatedClock()
  const service = new SimulatedService(clock, [{ kind: 'shed', seconds: 10_000_000, isEarly: true }])
  const client = new SpillwayClient({
    url: 'http://service',
    fetch: service.fetch,
    patienceMs: Infinity,
    random: () => 0,
    clock: {
      ...clock,
      now: clock.now,
      setTimeout: (callback, delayMs) => {
        delays.push(delayMs)
        return clock.setTimeout(callback, delayMs)
      }
    }
  })
  const sent = client.send(EVENT)
  let isOver = false
  void sent.finally(() => { isOver = true })
  await clock.runUntil(() => isOver)
  t.match(await sent, { status: 'accepted' })
  t.ok(Math.max(...delays) <= 2 ** 31 - 1)
  t.equal(service.requests[1]?.at, 10_000_000_005)
})

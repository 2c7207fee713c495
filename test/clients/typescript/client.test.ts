import t from 'tap'
import { SpillwayClient, type SendResult, type SpillwayClientOptions } from '../../../clients/typescript/client.ts'
import { SimulatedClock, SimulatedService, type Treatment } from './simulation.ts'

function start (script: Treatment[] = [], options: Partial<SpillwayClientOptions> = {}) {
  const clock = new SimulatedClock()
  const service = new SimulatedService(clock, script)
  let id = 0
  const client = new SpillwayClient({
    url: 'http://service',
    clock,
    fetch: service.fetch,
    random: () => 0,
    newId: () => `id-${++id}`,
    ...options
  })
  return { clock, service, client }
}

const event = (type = 'reading', more: object = {}) => ({ type, payload: 1, ...more })

async function results (clock: SimulatedClock, sends: Promise<SendResult>[]): Promise<SendResult[]> {
  const found: SendResult[] = []
  void Promise.all(sends.map(async (send, index) => { found[index] = await send }))
  await clock.runUntil(() => Object.keys(found).length === sends.length)
  return found
}

t.test('a lone event goes out at once, and what comes meanwhile is the next batch', async (t) => {
  const { clock, service, client } = start()
  const first = client.send(event())
  await clock.runUntil(() => service.requests.length === 1)
  const rest = [client.send(event()), client.send(event()), client.send(event())]
  t.match(await results(clock, [first, ...rest]), [
    { status: 'accepted', id: 'id-1', durability: 'queued' },
    { id: 'id-2' },
    { id: 'id-3' },
    { id: 'id-4' }
  ])
  t.strictSame(service.requests.map(({ ids }) => ids), [['id-1'], ['id-2', 'id-3', 'id-4']])
})

t.test('a batch has no more events and bytes than allowed, and one event at least', async (t) => {
  const { clock, service, client } = start([], { maxBatchEvents: 3, maxBatchBytes: 120 })
  const large = { type: 'large', payload: 'x'.repeat(200) }
  await results(clock, [large, event(), event(), event(), event(), event()].map((one) => client.send(one)))
  t.strictSame(service.requests.map(({ ids }) => ids.length), [1, 2, 2, 1])
})

t.test('critical events do not wait for a request of others, and the better priority goes first', async (t) => {
  const { clock, service, client } = start([], { maxBatchEvents: 2 })
  const sends = [
    client.send(event('low', { priority: 9 })),
    client.send(event('normal', { priority: 4 })),
    client.send(event('better', { priority: 2 })),
    client.send(event('critical-alarm'))
  ]
  await results(clock, sends)
  t.strictSame(service.requests.map(({ types }) => types), [['critical-alarm'], ['better', 'normal'], ['low']])
})

t.test('the service is told a priority that all events of a request have', async (t) => {
  const { clock, service, client } = start([], { token: 'secret', headers: { 'x-event-durability': 'synced' } })
  await results(clock, [
    client.send(event('a', { priority: 1 })),
    client.send(event('a', { priority: 3 })),
    client.send(event('a', { priority: 4 }))
  ])
  t.strictSame(service.requests.map(({ headers }) => headers.get('x-event-priority')), ['1', null])
  t.equal(service.requests[0]?.headers.get('authorization'), 'Bearer secret')
  t.equal(service.requests[0]?.headers.get('x-event-durability'), 'synced')
})

t.test('events of different traces travel in different requests', async (t) => {
  const { clock, service, client } = start()
  await results(clock, ['00-a', '00-a', '00-b'].map((traceparent) => client.send(event(), { traceparent })))
  t.strictSame(service.requests.map(({ headers, ids }) => [headers.get('traceparent'), ids.length]), [['00-a', 2], [
    '00-b',
    1
  ]])
})

t.test('what may be repeated is repeated with its id, and nothing else is', async (t) => {
  const repeated: [Treatment, at: number][] = [
    [{ kind: 'shed', seconds: 30, isEarly: false }, 30_005],
    [{ kind: 'shed', seconds: 30, isEarly: true }, 30_005],
    [{ kind: 'quota', seconds: 7 }, 7_005],
    // With a random of 0 the backoff is over at once.
    [{ kind: 'lost', isStored: false }, 6],
    [{ kind: 'error', status: 500 }, 6],
    [{ kind: 'error', status: 503 }, 6],
    [{ kind: 'garbage' }, 6]
  ]
  for (const [treatment, at] of repeated) {
    const { clock, service, client } = start([treatment])
    t.match(
      await results(clock, [client.send(event())]),
      [{ status: 'accepted', id: 'id-1' }],
      JSON.stringify(treatment)
    )
    t.strictSame(service.requests.map(({ at, ids }) => [at, ids]), [[0, ['id-1']], [at, ['id-1']]])
  }
  const forbidden: Record<number, string> = { 401: 'unauthorized', 403: 'http-403' }
  for (const status of [301, 400, 401, 403, 404, 413, 415, 501]) {
    const { clock, service, client } = start([{ kind: 'error', status }])
    const reason = forbidden[status]
    t.match(await results(clock, [client.send(event())]), [
      reason === undefined
        ? { status: 'invalid', id: 'id-1', reason: `http-${status}` }
        : { status: 'forbidden', id: 'id-1', reason }
    ])
    t.equal(service.requests.length, 1)
  }
})

t.test('an answer that got lost does not double the event', async (t) => {
  const { clock, service, client } = start([{ kind: 'lost', isStored: true }])
  t.match(await results(clock, [client.send(event())]), [{ status: 'duplicate', id: 'id-1' }])
  t.strictSame([...service.stored], ['id-1'])
})

t.test('while normal events are refused low ones wait unsent, and critical ones go', async (t) => {
  const { clock, service, client } = start([{ kind: 'shed', seconds: 60, isEarly: true }])
  const refused = client.send(event('normal', { priority: 3 }))
  await clock.runUntil(() => clock.timers > 0 && service.requests.length === 1 && clock.now() > 0)
  const sends = [refused, client.send(event('low', { priority: 8 })), client.send(event('critical', { priority: 1 }))]
  await results(clock, sends)
  t.strictSame(service.requests.map(({ at, types }) => [at, types]), [[0, ['normal']], [5, ['critical']], [60_005, [
    'normal'
  ]], [60_010, ['low']]])
})

t.test('a batch that is too large is taken in parts, and one bad event does not spoil the others', async (t) => {
  const { clock, service, client } = start([{ kind: 'too-large' }, { kind: 'accept' }, { kind: 'too-large' }, {
    kind: 'too-large'
  }])
  const found = await results(clock, [1, 2, 3, 4].map(() => client.send(event())))
  t.strictSame(found.map(({ status }) => status), ['accepted', 'accepted', 'invalid', 'accepted'])
  t.strictSame(service.requests.map(({ ids }) => ids.length), [4, 2, 2, 1, 1])
})

t.test('a full spool gives up what is less important, the oldest first, and refuses the rest', async (t) => {
  const { clock, client } = start([{ kind: 'shed', seconds: 60, isEarly: true }], { maxSpoolEvents: 3 })
  const sends = [event('n', { priority: 5 }), event('l', { priority: 7 }), event('l', { priority: 9 })].map((one) =>
    client.send(one)
  )
  sends.push(
    client.send(event('c', { priority: 1 })),
    client.send(event('n', { priority: 5 })),
    client.send(event('n', { priority: 5 })),
    client.send(event('l', { priority: 10 }))
  )
  t.match(await results(clock, sends), [
    { status: 'accepted' },
    { status: 'unsent', reason: 'given-up' },
    { status: 'unsent', reason: 'given-up' },
    { status: 'accepted' },
    { status: 'accepted' },
    { status: 'unsent', reason: 'spool-full' },
    { status: 'unsent', reason: 'spool-full' }
  ])
  t.strictSame(client.pending, { events: 0, bytes: 0 })
})

t.test('an event larger than the spool is refused and gives up nothing', async (t) => {
  const { clock, client } = start([], { maxSpoolBytes: 300 })
  const found = await results(clock, [
    client.send(event('l', { priority: 9 })),
    client.send({ type: 'a', payload: 'x'.repeat(400), priority: 1 })
  ])
  t.match(found, [{ status: 'accepted' }, { status: 'unsent', reason: 'spool-full' }])
})

t.test('patience ends with what is known of the event', async (t) => {
  const always = (treatment: Treatment) => Array.from({ length: 500 }, () => treatment)
  const table: [Treatment, object][] = [
    [{ kind: 'shed', seconds: 60, isEarly: true }, { status: 'shed', reason: 'circuit-open', retryAfterSeconds: 60 }],
    [{ kind: 'lost', isStored: false }, { status: 'unanswered', reason: 'no-connection' }]
  ]
  for (const [treatment, expected] of table) {
    const { clock, client } = start(always(treatment), { patienceMs: 200_000, random: () => 0.9 })
    t.match(await results(clock, [client.send(event())]), [expected])
    t.ok(clock.now() >= 200_000)
  }
  const { clock, service, client } = start(always({ kind: 'shed', seconds: 600, isEarly: true }), { patienceMs: 1_000 })
  const first = client.send(event())
  await clock.runUntil(() => clock.now() === 5)
  t.match(await results(clock, [first, client.send(event())]), [{ status: 'shed' }, {
    status: 'unsent',
    reason: 'out-of-patience'
  }])
  t.equal(service.requests.length, 1)
})

t.test('what was refused after a lost answer is not said to be unstored', async (t) => {
  const { clock, client } = start([{ kind: 'lost', isStored: true }, { kind: 'shed', seconds: 600, isEarly: true }], {
    patienceMs: 1_000
  })
  t.match(await results(clock, [client.send(event())]), [{ status: 'unanswered', reason: 'no-connection' }])
})

t.test('a request that hangs is broken off', async (t) => {
  const clock = new SimulatedClock()
  const service = new SimulatedService(clock, [], 60_000)
  const client = new SpillwayClient({
    url: 'http://service',
    clock,
    fetch: service.fetch,
    random: () => 0,
    requestTimeoutMs: 1_000,
    patienceMs: 900
  })
  t.match(await results(clock, [client.send(event())]), [{ status: 'unanswered', reason: 'broken-off' }])
})

t.test('a signal ends the waiting of its event alone', async (t) => {
  const { clock, client } = start([{ kind: 'shed', seconds: 60, isEarly: true }])
  const controller = new AbortController()
  const sends = [client.send(event()), client.send(event(), { signal: controller.signal })]
  await clock.runUntil(() => clock.now() === 5)
  const waiting = client.send(event(), { signal: controller.signal })
  controller.abort()
  t.match(await results(clock, [...sends, waiting, client.send(event(), { signal: controller.signal })]), [
    { status: 'accepted' },
    { status: 'shed' },
    { status: 'unsent', reason: 'aborted' },
    { status: 'unsent', reason: 'aborted' }
  ])
})

t.test('close sends what waits and takes nothing more; an aborted one ends at once and leaves no timer', async (t) => {
  const calm = start()
  const sent = calm.client.send(event())
  const closed = calm.client.close()
  t.match(await results(calm.clock, [sent, calm.client.send(event())]), [{ status: 'accepted' }, {
    status: 'unsent',
    reason: 'closed'
  }])
  await closed

  const { clock, client } = start([{ kind: 'shed', seconds: 60, isEarly: true }])
  const sends = [client.send(event('a', { priority: 3 }))]
  await clock.runUntil(() => clock.now() === 5)
  sends.push(client.send(event('b', { priority: 3 })), client.send(event('c', { priority: 1 })))
  await clock.runUntil(() => true)
  const controller = new AbortController()
  controller.abort()
  await client.close({ signal: controller.signal })
  t.match(await Promise.all(sends), [{ status: 'shed' }, { status: 'unsent', reason: 'closed' }, {
    status: 'unanswered',
    reason: 'broken-off'
  }])
  t.equal(clock.timers, 0)
})

t.test('flush resolves when everything has its answer', async (t) => {
  const { clock, client } = start([{ kind: 'shed', seconds: 5, isEarly: false }])
  await client.flush()
  void client.send(event())
  let isFlushed = false
  void client.flush().finally(() => { isFlushed = true })
  await clock.runUntil(() => isFlushed)
  t.equal(client.pending.events, 0)
})

t.test('what JSON does not have is refused as a value', async (t) => {
  const circular: Record<string, unknown> = {}
  circular.self = circular
  const { client } = start()
  for (const payload of [undefined, 1n, circular])
    t.match(await client.send({ type: 'a', payload }), { status: 'invalid', reason: 'not-json' })
})

t.test('a payload that is given as text is sent in it, unless it is no JSON', async (t) => {
  const { client, clock, service } = start()
  const sends = [
    client.send(event(), { payloadText: '{ "n":12345678901234567890 }' }),
    client.send(event(), { payloadText: '1,"payload":2' })
  ]
  t.match(await results(clock, sends), [{ status: 'accepted' }, { status: 'invalid', errors: [{ field: 'payload' }] }])
  t.equal(service.requests[0]?.body, '[{"type":"reading","id":"id-1","payload":{ "n":12345678901234567890 }}]')
})

t.test('a URL that no request can go to is a mistake, told at once', async (t) => {
  for (const url of ['nowhere', 'http://someone:secret@127.0.0.1'])
    t.throws(() => new SpillwayClient({ url }), { code: 'ERR_INVALID_URL' }, url)
})

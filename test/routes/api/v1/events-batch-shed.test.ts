import t from 'tap'
import { beginPost, postBatch, startApp, storedEvents } from '../../../app.ts'
import { assertShed, startFilled, startOpen, TINIEST } from './setup.ts'
import { cloudEvent, CLOUD_EVENTS, event, line, NDJSON } from './readings.ts'

t.test('answers 207 when some are shed, with the longest wait', async (t) => {
  const { app } = await startOpen(t)
  const events = [event('s', 1), event('s', 5), event('s', 9), event('s', 1)]
  for (
    const [answer, isStream] of [[await postBatch(app, events), false], [
      await postBatch(app, events.map((event) => JSON.stringify(event)).join('\n'), NDJSON),
      true
    ]] as const
  ) {
    t.equal(answer.statusCode, 207)
    const { results, ...counts } = answer.json()
    t.strictSame(counts, {
      accepted: 2,
      duplicate: 0,
      durability: { queued: 2, synced: 0, spooled: 0 },
      shed: 2,
      invalid: 0
    })
    t.strictSame(
      results.map(({ index, status }: { index: number, status: string }) => [index, status]),
      isStream ? [[1, 'shed'], [2, 'shed']] : [[0, 'accepted'], [1, 'shed'], [2, 'shed'], [3, 'accepted']]
    )
    const shed = results.filter(({ status }: { status: string }) => status === 'shed')
    t.match(shed, [5, 9].map((priority) => ({ priority, reason: 'circuit-open', retryAfterSeconds: Number })))
    t.strictSame(shed.map(({ line }: { line?: number }) => line), isStream ? [2, 3] : [undefined, undefined])
    t.equal(
      answer.headers['retry-after'],
      String(Math.max(...shed.map(({ retryAfterSeconds }: { retryAfterSeconds: number }) => retryAfterSeconds)))
    )
  }
  const mixed = await postBatch(app, [{}, event('s', 5)])
  t.equal(mixed.statusCode, 207, 'none accepted, but not all for the same cause')
  t.match(mixed.json(), { accepted: 0, shed: 1, invalid: 1 })
})

t.test('answers 503 when all are shed', async (t) => {
  const { app } = await startOpen(t)
  for (
    const answer of [
      await postBatch(app, [event(1, 5), event(2, 9)]),
      await postBatch(app, `${line(1, 5)}\n${line(2, 9)}`, NDJSON),
      await postBatch(app, [cloudEvent('x'), cloudEvent('y')], CLOUD_EVENTS)
    ]
  ) {
    assertShed(t, answer, {
      reason: 'circuit-open',
      circuitState: 'OPEN',
      queueDepth: 3,
      priority: 5,
      accepted: 0,
      shed: 2,
      invalid: 0
    }, 'all of it')
    t.match(answer.json().results, [{ index: 0, status: 'shed', reason: 'circuit-open' }, { index: 1, status: 'shed' }])
  }
  t.equal((await storedEvents(app)).length, 3)
})

t.test('refuses by the header before it looks at the body', async (t) => {
  const { app } = await startOpen(t, { BATCH_BODY_LIMIT_BYTES: '1024' })
  const before = app.backpressure.rejectedCount
  const table: [claim: string, body: string, headers: Record<string, string>][] = [
    ['a megabyte that is not JSON', '['.repeat(1_000_000), {}],
    ['a stream', `${line(1, 1)}\n`, NDJSON],
    ['a batch of CloudEvents', '{}', CLOUD_EVENTS],
    ['a media type that is not taken', 'x', { 'content-type': 'text/csv' }]
  ]
  for (const [claim, body, headers] of table) {
    const answer = await postBatch(app, body, { ...headers, 'x-event-priority': '7' })
    assertShed(t, answer, { reason: 'circuit-open', priority: 7 }, claim)
    t.match(answer.json(), { accepted: 0, results: [] }, claim)
  }
  t.equal(app.backpressure.rejectedCount - before, table.length, 'a request is counted once, whatever it holds')
  for (const [name, value] of [['content-length', '1000000'], ['transfer-encoding', 'chunked']] as const) {
    const { statusCode, body } =
      await (await beginPost(t, app, '/api/v1/events/batch', { ...NDJSON, [name]: value, 'x-event-priority': '7' }))
        .answer
    t.equal(statusCode, 503, 'without a byte of the body')
    t.match(body, { reason: 'circuit-open', priority: 7 })
  }
  t.equal(
    (await postBatch(app, line('c', 9), { ...NDJSON, 'x-event-priority': '1' })).statusCode,
    202,
    'a critical header gets in'
  )
})

t.test('refuses everything unread when even a critical event would be refused', async (t) => {
  const { app } = await startFilled(t, 4, TINIEST)
  assertShed(t, await postBatch(app, '['), { reason: 'queue-full', priority: 1 }, 'malformed')
  assertShed(t, await postBatch(app, '{', NDJSON), { reason: 'queue-full', priority: 1 }, 'a stream')
})

t.test('reports every event of a batch that could not be stored', async (t) => {
  const { app, redis } = await startApp(t, { env: { STREAM_PATIENCE_MS: '0', OUTAGE_PATIENCE_MS: '200' } })
  await redis.kill()
  const events = [event(0, 1), { type: 'x' }, event(1, 1)]
  const array = await postBatch(app, events)
  t.equal(array.statusCode, 207)
  t.match(array.json(), {
    accepted: 0,
    shed: 2,
    invalid: 1,
    results: [{ index: 0, status: 'shed', reason: 'queue-unavailable' }, { index: 1, status: 'invalid' }, {
      index: 2,
      status: 'shed'
    }]
  })
  assertShed(t, await postBatch(app, `${line(0, 1)}\n${line(1, 1)}`, NDJSON), {
    reason: 'queue-unavailable',
    shed: 2,
    queueDepth: null
  }, 'a stream')
})

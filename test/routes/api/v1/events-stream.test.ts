import t from 'tap'
import { beginPost, postBatch, startApp, storedEvents } from '../../../app.ts'
import { capturedLog } from '../../../captured-log.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { line, LOW_LIMITS, NDJSON } from './readings.ts'

// One app for everything that its queue does not need to be empty for.
const { app } = await startApp(t, { env: LOW_LIMITS })
const storedPayloads = async () => (await storedEvents(app)).map(({ payload }) => payload)

t.test('stores the lines of a stream in order and lists only what was refused', async (t) => {
  const table: [claim: string, type: string, body: string][] = [
    ['plain', 'application/x-ndjson', '{1}\n{2}\n{3}\n'],
    ['no final newline', 'application/ndjson', '{1}\n{2}\n{3}'],
    ['CRLF', 'application/jsonl', '{1}\r\n{2}\r\n{3}\r\n'],
    ['blank lines', 'application/x-ndjson', '\n\n{1}\n  \n\r\n{2}\n\n{3}\n\n'],
    ['white space around', 'application/x-ndjson; charset=utf-8', ' {1}\t\n\t{2} \n{3} ']
  ]
  for (const [claim, type, body] of table) {
    const answer = await postBatch(app, body.replaceAll(/\{(\d)\}/g, (_, number) => line(`${claim} ${number}`)), {
      'content-type': type
    })
    t.equal(answer.statusCode, 202, claim)
    t.strictSame(answer.json(), {
      accepted: 3,
      duplicate: 0,
      durability: { queued: 3, synced: 0, spooled: 0 },
      shed: 0,
      invalid: 0,
      results: []
    }, claim)
    t.strictSame(
      (await storedPayloads()).filter((payload) => String(payload).startsWith(claim)),
      [1, 2, 3].map((number) => `${claim} ${number}`),
      claim
    )
  }
})

t.test('names bad lines by their number and takes the others', async (t) => {
  const lines = [
    line('l-1'),
    '',
    'not JSON',
    '{"type":"x"}',
    line('y'.repeat(1_024)),
    line('l-6'),
    '{"type":"x","payload":{"__proto__":1}}',
    `${line('l-8')}\r`,
    line(1, 0)
  ]
  const answer = await postBatch(app, lines.join('\n'), NDJSON)
  t.equal(answer.statusCode, 207)
  t.match(answer.json(), {
    accepted: 3, shed: 0, invalid: 5,
    results: [
      { index: 1, line: 3, status: 'invalid', reason: 'invalid-json', errors: [{ field: '', message: String }] },
      { index: 2, line: 4, status: 'invalid', reason: 'invalid-event', errors: [{ field: 'payload' }] },
      {
        index: 3,
        line: 5,
        status: 'invalid',
        reason: 'line-too-long',
        errors: [{ field: '', message: 'Longer than 1024 bytes' }]
      },
      { index: 5, line: 7, status: 'invalid', reason: 'invalid-json' },
      { index: 7, line: 9, status: 'invalid', reason: 'invalid-event', errors: [{ field: 'priority' }] }
    ]
  })
  t.equal(answer.json().results.length, 5)
  t.equal(answer.json().resultsTruncated, undefined)
  const payloads = await storedPayloads()
  t.strictSame(['l-1', 'l-6', 'l-8'].filter((payload) => payloads.includes(payload)), ['l-1', 'l-6', 'l-8'])
})

t.test('says when more lines were refused than it lists', async (t) => {
  const { app } = await startApp(t, { env: { QUEUE_WARNING_THRESHOLD: '40000' } })
  const answer = await postBatch(app, `${line('t-1')}\n{\n`.repeat(10_001), NDJSON)
  t.equal(answer.statusCode, 207)
  const { accepted, invalid, results, resultsTruncated } = answer.json()
  t.strictSame({ accepted, invalid, results: results.length, resultsTruncated }, {
    accepted: 10_001,
    invalid: 10_001,
    results: 10_000,
    resultsTruncated: true
  })
  t.equal(results[9_999].line, 20_000)
})

t.test('ends a stream of which most is invalid, and says so', async (t) => {
  const table: [claim: string, first: string, status: number, accepted: number][] = [[
    'with a valid line',
    `${line('t-2')}\n`,
    207,
    1
  ], ['without one', '', 400, 0]]
  for (const [claim, first, status, accepted] of table) {
    const answer = await postBatch(app, `${first}${'{\n'.repeat(5_000)}`, NDJSON)
    t.equal(answer.statusCode, status, claim)
    t.equal(answer.headers.connection, 'close')
    t.match(answer.json(), {
      accepted,
      invalid: 1_000,
      stoppedAfterLine: 1_000 + accepted,
      stopReason: 'too-many-invalid'
    })
  }
})

t.test('takes a stream of any length', async (t) => {
  const { app } = await startApp(t, { env: { BATCH_BODY_LIMIT_BYTES: '1024', BATCH_BODY_MAX_EVENTS: '10' } })
  const answer = await postBatch(app, Array.from({ length: 5_000 }, (_, index) => line(index)).join('\n'), NDJSON)
  t.strictSame(answer.json(), {
    accepted: 5_000,
    duplicate: 0,
    durability: { queued: 5_000, synced: 0, spooled: 0 },
    shed: 0,
    invalid: 0,
    results: []
  })
  t.strictSame(
    (await storedEvents(app)).map(({ payload }) => payload),
    Array.from({ length: 5_000 }, (_, index) => index)
  )
})

t.test('reads a stream however its bytes arrive', async (t) => {
  const { app } = await startApp(t)
  const request = await beginPost(t, app, '/api/v1/events/batch', { ...NDJSON, 'transfer-encoding': 'chunked' })
  const body = `${line('ключ 値')}\r\n${line('second')}\n${line('third')}`
  const sent = [body.slice(0, 1), body.slice(1, 40), body.slice(40, 60), body.slice(60)]
  for (const text of sent) request.write(text)
  await eventually('lines are stored while the stream goes on', async () => (await storedEvents(app)).length === 2)
  request.end()
  const { statusCode, body: report } = await request.answer
  t.equal(statusCode, 202)
  t.strictSame(report, {
    accepted: 3,
    duplicate: 0,
    durability: { queued: 3, synced: 0, spooled: 0 },
    shed: 0,
    invalid: 0,
    results: []
  })
  t.strictSame((await storedEvents(app)).map(({ payload }) => payload), ['ключ 値', 'second', 'third'])
})

t.test('keeps what a sender that hangs up has sent, and serves the next one', async (t) => {
  const { log, lines } = capturedLog('error')
  const { app } = await startApp(t, { log })
  // The first reading may come before the connection to Redis stands.
  lines.length = 0
  const request = await beginPost(t, app, '/api/v1/events/batch', { ...NDJSON, 'content-length': '100000' })
  request.write(`${line('whole')}\n${line('cut').slice(0, 9)}`)
  await eventually('the whole line is stored', async () => (await storedEvents(app)).length === 1)
  request.hangUp()
  await eventually('the server has noticed', () =>
    new Promise<boolean>((resolve) => {
      app.server.getConnections((_error, open) => resolve(open === 0))
    }))
  t.equal((await postBatch(app, line('next'), NDJSON)).statusCode, 202)
  t.strictSame((await storedEvents(app)).map(({ payload }) => payload), ['whole', 'next'])
  t.strictSame(lines, [], 'it is no error of the server')
})

t.test('ends a stream after a line that it names when the process stops', async (t) => {
  const { app } = await startApp(t)
  const request = await beginPost(t, app, '/api/v1/events/batch', { ...NDJSON, 'transfer-encoding': 'chunked' })
  const lines = [line('d-1'), '', line('d-3'), line('d-4'), line('d-5')]
  request.write(`${lines.slice(0, 3).join('\n')}\n`)
  await eventually('both are stored', async () => (await storedEvents(app)).length === 2)
  app.lifecycle.beginDrain()
  request.write(lines.slice(3).join('\n'))
  const { statusCode, headers, body: { stoppedAfterLine, stopReason, ...report } } = await request.answer
  const taken = lines.slice(0, Number(stoppedAfterLine)).filter((line) => line !== '').map((line) =>
    JSON.parse(line).payload
  )
  t.ok(taken.length >= 2 && taken.length < 4, 'it ends before its end')
  t.equal(statusCode, 207)
  t.equal(stopReason, 'stopping')
  t.strictSame(report, {
    accepted: taken.length,
    duplicate: 0,
    durability: { queued: taken.length, synced: 0, spooled: 0 },
    shed: 0,
    invalid: 0,
    results: []
  })
  t.strictSame(
    (await storedEvents(app)).map(({ payload }) => payload),
    taken,
    'what comes after the line is not stored'
  )
  t.equal(headers.connection, 'close')
})

t.test('answers 503 when the process stops before the first line has ended', async (t) => {
  const { app } = await startApp(t)
  app.lifecycle.beginDrain()
  const answer = await postBatch(app, line('whole, without a newline'), NDJSON)
  t.equal(answer.statusCode, 503)
  t.match(answer.json(), { accepted: 0, stoppedAfterLine: 0 })
})

t.test('a stream ends after STREAM_TIMEOUT_MS, and its answer names the last line', async (t) => {
  const { app } = await startApp(t, { env: { STREAM_TIMEOUT_MS: '1000' } })
  const begin = () => beginPost(t, app, '/api/v1/events/batch', NDJSON)
  const silent = await begin()
  t.match(await silent.answer, {
    statusCode: 408, body: { type: 'urn:spillway:problem:body-timeout', detail: /within 1000 ms/, accepted: 0 }
  })
  const endless = await begin()
  endless.write(`${line('one')}\n${line('two')}\n`)
  t.match(await endless.answer, {
    statusCode: 207, headers: { connection: 'close' }, body: { accepted: 2, stoppedAfterLine: 2, stopReason: 'too-long' }
  })
})

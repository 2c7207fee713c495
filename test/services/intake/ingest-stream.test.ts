import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import type { Intake } from '../../../services/intake/event-intake.ts'
import { MOST_STREAM_RESULTS } from '../../../services/intake/ingest-stream.ts'
import { TurnShare } from '../../../services/clock/turn-share.ts'
import { LINE_GRACE_MS } from '../../../services/intake/long-line.ts'
import { StreamMemory } from '../../../services/intake/stream-memory.ts'
import { eventually } from '../../../rig/eventually.ts'
import { chunks, confirming, HandSink, ingest } from './hand-sink.ts'

t.test('a stream names lines from 1 and events from 0', async (t) => {
  const sink = new HandSink({ refuses: (payload) => payload === 3 })
  const report = await confirming(sink, ingest(chunks('1\n\n"x', '"\r\n 2 \n3\n{', '\n4'), sink))
  t.strictSame(report, {
    accepted: 3,
    duplicate: 0,
    sampled: 0,
    wouldExpire: 0,
    durability: { queued: 3, synced: 0, spooled: 0 },
    shed: 1,
    quota: 0,
    forbidden: 0,
    invalid: 2,
    isTruncated: false,
    areErrorsTruncated: false,
    retryAfterSeconds: 4,
    results: [
      {
        index: 1,
        line: 3,
        status: 'invalid',
        reason: 'invalid-event',
        errors: [{ field: '', message: 'Expected a number' }]
      },
      { index: 3, line: 5, status: 'shed', id: 'e3', priority: 5, reason: 'circuit-open', retryAfterSeconds: 4 },
      { index: 4, line: 6, status: 'invalid', reason: 'invalid-json', errors: report.results[2]?.errors }
    ]
  })
  t.strictSame(sink.offered.map(({ payload }) => payload), [1, 2, 3, 4])
  t.equal(sink.invalid, 2, 'admission hears of those that are not even offered')
})

t.test('a stream gives the same report however its bytes are cut', async (t) => {
  const line = fc.constantFrom('1', '22', ' 3 ', '', '\r', '"x"', '{', '1234567', '値')
  await t
    .resolves(fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.array(fc.nat({ max: 60 }), { maxLength: 6 }),
        async (lines, cuts) => {
          const bytes = Buffer.from(lines.join('\n'))
          const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].toSorted((a, b) =>
            a - b
          )
          const reports = await Promise
            .all([[bytes], ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))].map(async (parts) => {
              const sink = new HandSink()
              return JSON.stringify(await confirming(sink, ingest(chunksOf(parts), sink, { maxLineBytes: 5 })))
            }))
          return reports[0] === reports[1]
        }
      ),
      { numRuns: 50 }
    ))
  async function* chunksOf (parts: Buffer[]) {
    yield* parts
  }
})

t.test('a stream is left unread while many events await their confirmation', async (t) => {
  const CHUNKS = 200
  const PER_CHUNK = 500
  const source = { read: 0 }
  async function* endless () {
    for (; source.read < CHUNKS; source.read++)
      yield Buffer
        .from(Array.from({ length: PER_CHUNK }, (_, index) => `${source.read * PER_CHUNK + index}\n`).join(''))
  }
  const sink = new HandSink({ batchSize: 100 })
  const work = ingest(endless(), sink)
  const untilItRests = async () => {
    for (let before = -1; before !== sink.offered.length;) {
      before = sink.offered.length
      for (let turn = 0; turn < 5; turn++) await nextTurn()
    }
  }
  await untilItRests()
  const window = sink.unconfirmed
  t.ok(window > 0 && window < CHUNKS * PER_CHUNK / 4, `it rests at ${window} of ${CHUNKS * PER_CHUNK} events`)
  const { read } = source
  await untilItRests()
  t.equal(source.read, read, 'for as long as nothing is confirmed')
  while (sink.settle() && source.read === read) await untilItRests()
  t.ok(source.read > read, 'it reads on once there is room')
  const report = await confirming(sink, work)
  t.equal(report.accepted, CHUNKS * PER_CHUNK)
  t.ok(sink.mostUnconfirmed < window + PER_CHUNK, 'and never has more outstanding')
  t.strictSame(
    sink.offered.map(({ payload }) => payload),
    Array.from({ length: CHUNKS * PER_CHUNK }, (_, index) => index),
    'in order'
  )
})

t.test('a stream asks the pacer before each chunk and ends when told to, even while it waits', async (t) => {
  const sink = new HandSink()
  const stop = new AbortController()
  let asked = 0
  async function * source () {
    for (let chunk = 1; chunk <= 10; chunk++) yield Buffer.from(`${chunk}\n\n`)
  }
  const pace = async () => {
    if (++asked < 4) return
    stop.abort()
    await new Promise(() => {})
  }
  const report = await confirming(sink, ingest(source(), sink, { pace, stopped: stop.signal }))
  t.equal(asked, 4)
  t.match(report, { accepted: 3, stoppedAfterLine: 6, stopReason: 'stopping' })
  t.equal(sink.offered.length, 3)
})

t.test('a stream ends when told to while its sender is silent', async (t) => {
  const sink = new HandSink()
  const stop = new AbortController()
  async function * source () {
    yield Buffer.from('1\n')
    await new Promise(() => {})
  }
  const work = confirming(sink, ingest(source(), sink, { stopped: stop.signal }))
  for (let turn = 0; turn < 10; turn++) await nextTurn()
  stop.abort()
  t.match(await work, { accepted: 1, stoppedAfterLine: 1 })
})

t.test('a stream waits for the pacer', async (t) => {
  const sink = new HandSink()
  const room = Promise.withResolvers<void>()
  const waits = [room.promise]
  let read = 0
  async function * source () {
    for (read = 1; read <= 3; read++) yield Buffer.from(`${read}\n`)
  }
  const work = confirming(sink, ingest(source(), sink, { pace: async () => { await waits.shift() } }))
  for (let turn = 0; turn < 10; turn++) await nextTurn()
  t.ok(read <= 1, 'nothing further is read')
  room.resolve()
  t.equal((await work).accepted, 3)
})

t.test('a stream asks the pacer again within a chunk that takes several turns, and ends when told to there', async (t) => {
  const LINES = 1_000
  const whole = Array.from({ length: LINES }, (_, index) => `${index}\n`).join('')
  let now = 0
  // Each reading of the clock is a turn later.
  const hasty = () => new TurnShare(() => { now += 1_000; return now })
  for (const ends of [false, true]) {
    const sink = new HandSink()
    const stop = new AbortController()
    const room = Promise.withResolvers<void>()
    let asked = 0
    const pace = async () => { if (++asked === 3) await room.promise }
    const work = confirming(sink, ingest(chunks(whole), sink, { pace, share: hasty(), stopped: stop.signal }))
    await eventually('it waits within the chunk', () => asked === 3)
    const offered = sink.offered.length
    for (let turn = 0; turn < 10; turn++) await nextTurn()
    t.ok(offered > 0 && offered < LINES, `${offered} lines were offered before`)
    t.equal(sink.offered.length, offered, 'none while it waits')
    if (ends) stop.abort()
    else room.resolve()
    t.match(await work, ends ? { accepted: offered, stoppedAfterLine: offered, stopReason: 'stopping' } : { accepted: LINES })
  }
})

t.test('a report of a stream stays bounded in number', async (t) => {
  const sink = new HandSink({ refuses: () => true })
  const report = await ingest(chunks('1\n'.repeat(MOST_STREAM_RESULTS + 5)), sink)
  t.equal(report.shed, MOST_STREAM_RESULTS + 5)
  t.equal(report.results.length, MOST_STREAM_RESULTS)
  t.equal(report.isTruncated, true)
})

/** Refuses everything, in many words. */
const wordy = (): Intake => ({
  ok: false,
  errors: Array.from({ length: 10 }, () => ({ field: 'x'.repeat(256), message: 'y'.repeat(256) }))
})

t.test('a report of a stream stays bounded in bytes, and so do those of all streams', async (t) => {
  const report = await ingest(chunks('"x"\n'.repeat(900)), new HandSink(), { takeIn: wordy })
  const alone = report.results.length
  t.match(report, { invalid: 900, isTruncated: true })
  t.ok(alone > 100 && alone < 900, `${alone} results are kept of one stream`)
  t.ok(JSON.stringify(report.results).length < 6_000_000)

  const memory = new StreamMemory({ results: 300_000 })
  const hold = Promise.withResolvers<void>()
  async function * held () {
    yield Buffer.from('"x"\n'.repeat(900))
    await hold.promise
  }
  const streams = Array.from({ length: 3 }, () => ingest(held(), new HandSink(), { takeIn: wordy, memory }))
  await eventually('all results are in', () => memory.results.held > 280_000)
  t.ok(memory.results.held <= 300_000, 'together they keep no more than one may')
  hold.resolve()
  const kept = (await Promise.all(streams)).map(({ results, invalid }) => [results.length, invalid])
  t.ok(kept.every(([, invalid]) => invalid === 900), 'all are counted')
  t.equal(memory.results.held, 0, 'and it is given back')
})

t.test('a stream of which most is invalid ends, and is read no further', async (t) => {
  let read = 0
  async function * nonsense () { for (; read < 1_000; read++) yield Buffer.from('x\n'.repeat(100)) }
  const sink = new HandSink()
  t.match(await ingest(nonsense(), sink), {
    accepted: 0,
    invalid: 1_000,
    stoppedAfterLine: 1_000,
    stopReason: 'too-many-invalid'
  })
  t.ok(read <= 10)
  t.equal(sink.invalid, 1_000)
  const half = await confirming(sink, ingest(chunks('1\nx\n'.repeat(3_000)), sink))
  t.match(half, { accepted: 3_000, invalid: 3_000, stoppedAfterLine: undefined }, 'one of which half is valid goes on')
})

t.test('all streams together have no more outstanding than one budget', async (t) => {
  const memory = new StreamMemory({ window: 20_000 })
  async function * lines () { for (let line = 0; line < 100; line++) yield Buffer.from(`${line}\n`) }
  const sinks = Array.from({ length: 5 }, () => new HandSink())
  const streams = sinks.map((sink) => ingest(lines(), sink, { memory }))
  const outstanding = () => sinks.reduce((sum, { unconfirmed }) => sum + unconfirmed, 0)
  for (let before = -1; before !== outstanding();) {
    before = outstanding()
    for (let turn = 0; turn < 10; turn++) await nextTurn()
  }
  t.ok(outstanding() > 20 && outstanding() < 60, `${outstanding()} events of 500 are outstanding`)
  const reports = await Promise.all(streams.map((stream, index) => confirming(sinks[index] as HandSink, stream)))
  t.strictSame(reports.map(({ accepted }) => accepted), [100, 100, 100, 100, 100])
  t.equal(memory.window.held, 0)
})

t.test('a long line waits for memory, goes on when there is some, and ends its stream when there is none', async (t) => {
  const memory = new StreamMemory({ lines: 100_000, now: () => 0 })
  const options = { memory, maxLineBytes: 90_000 }
  const long = `"${'x'.repeat(80_000)}`
  const rest = Promise.withResolvers<void>()
  async function * first () {
    yield Buffer.from(long)
    await rest.promise
    yield Buffer.from('"\n')
  }
  const holder = ingest(first(), new HandSink(), { ...options, takeIn: wordy })
  await eventually('the first holds what there is', () => memory.lines.held === 90_000)
  const sink = new HandSink()
  t.match(await confirming(sink, ingest(chunks('1\n', long, '"\n2\n'), sink, options)), {
    accepted: 1, stoppedAfterLine: 1, stopReason: 'process-overloaded'
  })
  t.match(await confirming(sink, ingest(chunks('1\n', '2\n'), sink, options)), { accepted: 2 }, 'short lines need none')
  const patient = ingest(chunks(long, '"\n2\n'), sink, { ...options, patienceMs: 60_000 })
  rest.resolve()
  t.match(await confirming(sink, patient), { accepted: 1, invalid: 1, stoppedAfterLine: undefined })
  t.match(await holder, { invalid: 1 })
  t.equal(memory.lines.held, 0)
})

t.test('a stream whose long line hardly moves ends when its memory is needed', async (t) => {
  let now = 0
  const memory = new StreamMemory({ lines: 100_000, now: () => now })
  const options = { memory, maxLineBytes: 90_000, patienceMs: 60_000, takeIn: wordy }
  const long = `"${'x'.repeat(80_000)}`
  const drips = Array.from({ length: 3 }, () => Promise.withResolvers<string>())
  const heard = { drips: 0 }
  async function * dripping () {
    yield Buffer.from(`1\n${long}`)
    for (const { promise } of drips) {
      yield Buffer.from(await promise)
      heard.drips++
    }
  }
  const slow = ingest(dripping(), new HandSink(), options)
  await eventually('it holds what there is', () => memory.lines.held === 90_000)
  now = LINE_GRACE_MS - 1
  drips[0]?.resolve('x')
  await eventually('it drips', () => heard.drips === 1)
  const other = confirming(new HandSink(), ingest(chunks(long, '"\n'), new HandSink(), options))
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  t.equal(memory.lines.held, 90_000, 'a sender may pause for a moment')
  now += 2
  t.match(await slow, { stoppedAfterLine: 1, stopReason: 'process-overloaded' })
  t.match(await other, { invalid: 1, stoppedAfterLine: undefined })
  t.equal(memory.lines.held, 0)
})

t.test('a critical stream finds memory for a long line when others hold all that is theirs', async (t) => {
  const memory = new StreamMemory({ lines: 400_000, now: () => 0 })
  const options = { memory, maxLineBytes: 90_000, takeIn: wordy }
  const long = `"${'x'.repeat(80_000)}`
  const rest = Promise.withResolvers<void>()
  async function * held () {
    yield Buffer.from(long)
    await rest.promise
    yield Buffer.from('"\n')
  }
  const holders = Array.from({ length: 3 }, () => ingest(held(), new HandSink(), options))
  await eventually('they hold what is theirs', () => memory.lines.held === 270_000)
  const later = () => ingest(chunks(long, '"\n'), new HandSink(), options)
  t.match(await later(), { stopReason: 'process-overloaded' })
  const critical = ingest(held(), new HandSink(), { ...options, isCritical: true })
  await eventually('it holds the reserve', () => memory.lines.held === 360_000)
  t.match(await ingest(chunks(long, '"\n'), new HandSink(), { ...options, isCritical: true }), {
    stopReason: 'process-overloaded'
  })
  rest.resolve()
  for (const report of await Promise.all([...holders, critical]))
    t.match(report, { invalid: 1, stoppedAfterLine: undefined })
  t.equal(memory.lines.held, 0)
})

t.test('a stream that breaks off rejects, and what it offered before may fail unheard', async (t) => {
  const sink = new HandSink()
  async function * broken () {
    yield Buffer.from('1\n')
    throw new Error('the sender is gone')
  }
  await t.rejects(ingest(broken(), sink), { message: 'the sender is gone' })
  sink.settle(new Error('connection lost'))
  await nextTurn()
  t.equal(sink.offered.length, 1)
})

t.test('a stream that broke off keeps nothing of what streams share, whatever becomes of its events', async (t) => {
  const memory = new StreamMemory()
  const sink = new HandSink()
  async function * broken () {
    yield Buffer.from('1\n2\n"x"\n')
    throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
  }
  await t.rejects(ingest(broken(), sink, { memory }), { code: 'ECONNRESET' })
  while (sink.settle(new Error('the queue is away')));
  t.strictSame([memory.results.held, memory.window.held, memory.lines.held], [0, 0, 0])
})

t.test('a stream whose chunks are too small ends, and what was offered before is reported', async (t) => {
  const sink = new HandSink()
  let isWasteful = false
  async function * growingSmaller () {
    yield Buffer.from('1\n2\n')
    isWasteful = true
    yield Buffer.from('3\n')
  }
  const report = await confirming(sink, ingest(growingSmaller(), sink, { isWasteful: () => isWasteful }))
  t.match(report, { accepted: 2, stoppedAfterLine: 2, stopReason: 'chunks-too-small' })
})

t.test('a stream that lasts too long ends, and reports the lines before', async (t) => {
  const sink = new HandSink()
  async function * endless () {
    yield Buffer.from('1\n2\n')
    await new Promise(() => {})
  }
  const report = await confirming(sink, ingest(endless(), sink, { mostMs: 1 }))
  t.match(report, { accepted: 2, stoppedAfterLine: 2, stopReason: 'too-long' })
})

import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import type { Refusal } from '../../../services/backpressure/decision.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { Intake } from '../../../services/event/intake.ts'
import type { Offering, Publication } from '../../../services/ingest/event-bus.ts'
import { ingestArray, ingestStream, MOST_STREAM_RESULTS, type EventSink } from '../../../services/ingest/ingest-events.ts'

const REFUSAL: Refusal = { admitted: false, reason: 'circuit-open', retryAfterSeconds: 4 }
const UNSTORED: Refusal = { admitted: false, reason: 'queue-unavailable', retryAfterSeconds: 1 }

/** Numbers are events; everything else is invalid. */
function intake (input: unknown): Intake {
  return typeof input === 'number'
    ? { ok: true, event: { id: `e${input}`, type: 'x', payload: input, priority: 5, receivedAt: '' }, key: `k${input}` }
    : { ok: false, errors: [{ field: '', message: 'Expected a number' }] }
}

interface SinkOptions {
  /** Events that are refused at once. */
  refuses?: (payload: number) => boolean
  /** Events that are confirmed together. */
  batchSize?: number
}

/** A sink in the hand of the test: it confirms or fails a batch when it is told to. */
class HandSink implements EventSink {
  readonly offered: { payload: number, bytes: number }[] = []
  readonly #options: Required<SinkOptions>
  readonly #open: ((publication: Publication) => void)[][] = []
  invalid = 0
  mostUnconfirmed = 0
  unconfirmed = 0

  constructor (options: SinkOptions = {}) {
    this.#options = { refuses: () => false, batchSize: 1, ...options }
  }

  submit (event: QueuedEvent, { bytes = 0 }: Offering, settle: (publication: Publication) => void): void {
    const payload = event.payload as number
    this.offered.push({ payload, bytes })
    if (this.#options.refuses(payload)) {
      settle({ status: 'shed', refusal: REFUSAL })
      return
    }
    let last = this.#open.at(-1)
    if (last === undefined || last.length === this.#options.batchSize) {
      last = []
      this.#open.push(last)
    }
    last.push(settle)
    this.unconfirmed++
    this.mostUnconfirmed = Math.max(this.mostUnconfirmed, this.unconfirmed)
  }

  refuseInvalid (): void { this.invalid++ }

  /** Confirms the oldest batch; with an error it fails. Answers false when there is none. */
  settle (error?: Error): boolean {
    const oldest = this.#open.shift()
    if (oldest === undefined) return false
    this.unconfirmed -= oldest.length
    for (const settle of oldest) settle(error === undefined ? { status: 'accepted', durability: 'queued' } : { status: 'shed', refusal: UNSTORED })
    return true
  }

  /** Confirms the newest batch first. */
  settleNewest (): void {
    this.#open.unshift(...this.#open.splice(-1))
    this.settle()
  }
}

/** Confirms everything that is offered until `work` has ended. */
async function confirming<T> (sink: HandSink, work: Promise<T>): Promise<T> {
  const state = { isOver: false }
  const ended = work.finally(() => { state.isOver = true })
  ended.catch(() => {})
  while (!state.isOver) {
    sink.settle()
    await nextTurn()
  }
  return await ended
}

async function * chunks (...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}

const goOn = async () => {}

/** The signal of a process that is not stopping. */
const RUNNING = new AbortController().signal

t.test('an array is reported on event by event, in its order', async (t) => {
  const sink = new HandSink({ refuses: (payload) => payload === 2 })
  t.strictSame(await confirming(sink, ingestArray([1, 'x', 2, 3], 400, sink, intake, 'queued')), {
    accepted: 2, duplicate: 0, durability: { queued: 2, synced: 0, spooled: 0 }, shed: 1, invalid: 1, isTruncated: false, retryAfterSeconds: 4,
    results: [
      { index: 0, status: 'accepted', id: 'e1', durability: 'queued' },
      { index: 1, status: 'invalid', reason: 'invalid-event', errors: [{ field: '', message: 'Expected a number' }] },
      { index: 2, status: 'shed', id: 'e2', priority: 5, reason: 'circuit-open', retryAfterSeconds: 4 },
      { index: 3, status: 'accepted', id: 'e3', durability: 'queued' }
    ]
  })
  t.strictSame(sink.offered, [1, 2, 3].map((payload) => ({ payload, bytes: 100 })), 'each counts for its share of the bytes')
})

t.test('an array is answered only when all of it is confirmed', async (t) => {
  const sink = new HandSink()
  let isAnswered = false
  const report = ingestArray([1, 2], 20, sink, intake, 'queued').then((report) => { isAnswered = true; return report })
  for (const events of [2, 1]) {
    await nextTurn()
    t.equal(isAnswered, false, `${events} outstanding`)
    sink.settle()
  }
  t.equal((await report).accepted, 2)
})

t.test('all events of a batch that fails are shed, and only they', async (t) => {
  const sink = new HandSink({ batchSize: 2 })
  const work = ingestArray([1, 2, 3, 4], 40, sink, intake, 'queued')
  sink.settle(new Error('connection lost'))
  sink.settle()
  const { accepted, shed, retryAfterSeconds, results } = await work
  t.strictSame({ accepted, shed, retryAfterSeconds }, { accepted: 2, shed: 2, retryAfterSeconds: 1 })
  t.strictSame(results.map(({ status, reason }) => [status, reason]), [['shed', 'queue-unavailable'], ['shed', 'queue-unavailable'], ['accepted', undefined], ['accepted', undefined]])
})

t.test('results keep the order of the body when confirmations do not', async (t) => {
  const sink = new HandSink()
  const work = ingestArray([1, 2, 3], 30, sink, intake, 'queued')
  for (let settled = 0; settled < 3; settled++) {
    sink.settleNewest()
    await nextTurn()
  }
  t.strictSame((await work).results.map(({ id }) => id), ['e1', 'e2', 'e3'])
})

t.test('a stream names lines from 1 and events from 0', async (t) => {
  const sink = new HandSink({ refuses: (payload) => payload === 3 })
  const report = await confirming(sink, ingestStream(chunks('1\n\n"x', '"\r\n 2 \n3\n{', '\n4'), 100, sink, intake, 'queued', goOn, RUNNING))
  t.strictSame(report, {
    accepted: 3, duplicate: 0, durability: { queued: 3, synced: 0, spooled: 0 }, shed: 1, invalid: 2, isTruncated: false, retryAfterSeconds: 4,
    results: [
      { index: 1, line: 3, status: 'invalid', reason: 'invalid-event', errors: [{ field: '', message: 'Expected a number' }] },
      { index: 3, line: 5, status: 'shed', id: 'e3', priority: 5, reason: 'circuit-open', retryAfterSeconds: 4 },
      { index: 4, line: 6, status: 'invalid', reason: 'invalid-json', errors: report.results[2]?.errors }
    ]
  })
  t.strictSame(sink.offered.map(({ payload }) => payload), [1, 2, 3, 4])
  t.equal(sink.invalid, 2, 'the door hears of those that are not even offered')
})

t.test('a stream gives the same report however its bytes are cut', async (t) => {
  const line = fc.constantFrom('1', '22', ' 3 ', '', '\r', '"x"', '{', '1234567', '値')
  await t.resolves(fc.assert(fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.array(fc.nat({ max: 60 }), { maxLength: 6 }), async (lines, cuts) => {
    const bytes = Buffer.from(lines.join('\n'))
    const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].toSorted((a, b) => a - b)
    const reports = await Promise.all([[bytes], ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))].map(async (parts) => {
      const sink = new HandSink()
      return JSON.stringify(await confirming(sink, ingestStream(chunksOf(parts), 5, sink, intake, 'queued', goOn, RUNNING)))
    }))
    return reports[0] === reports[1]
  }), { numRuns: 50 }))
  async function * chunksOf (parts: Buffer[]) { yield * parts }
})

t.test('a stream is left unread while many events await their confirmation', async (t) => {
  const CHUNKS = 200
  const PER_CHUNK = 500
  const source = { read: 0 }
  async function * endless () {
    for (; source.read < CHUNKS; source.read++) yield Buffer.from(Array.from({ length: PER_CHUNK }, (_, index) => `${source.read * PER_CHUNK + index}\n`).join(''))
  }
  const sink = new HandSink({ batchSize: 100 })
  const work = ingestStream(endless(), 100, sink, intake, 'queued', goOn, RUNNING)
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
  t.strictSame(sink.offered.map(({ payload }) => payload), Array.from({ length: CHUNKS * PER_CHUNK }, (_, index) => index), 'in order')
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
  const report = await confirming(sink, ingestStream(source(), 100, sink, intake, 'queued', pace, stop.signal))
  t.equal(asked, 4)
  t.match(report, { accepted: 3, stoppedAfterLine: 6 })
  t.equal(sink.offered.length, 3)
})

t.test('a stream ends when told to while its sender is silent', async (t) => {
  const sink = new HandSink()
  const stop = new AbortController()
  async function * source () {
    yield Buffer.from('1\n')
    await new Promise(() => {})
  }
  const work = confirming(sink, ingestStream(source(), 100, sink, intake, 'queued', goOn, stop.signal))
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
  const work = confirming(sink, ingestStream(source(), 100, sink, intake, 'queued', async () => { await waits.shift() }, RUNNING))
  for (let turn = 0; turn < 10; turn++) await nextTurn()
  t.ok(read <= 1, 'nothing further is read')
  room.resolve()
  t.equal((await work).accepted, 3)
})

t.test('a report of a stream stays bounded', async (t) => {
  const sink = new HandSink()
  const report = await ingestStream(chunks('x\n'.repeat(MOST_STREAM_RESULTS + 5)), 100, sink, intake, 'queued', goOn, RUNNING)
  t.equal(report.invalid, MOST_STREAM_RESULTS + 5)
  t.equal(report.results.length, MOST_STREAM_RESULTS)
  t.equal(report.isTruncated, true)
})

t.test('a stream that breaks off rejects, and what it offered before may fail unheard', async (t) => {
  const sink = new HandSink()
  async function * broken () {
    yield Buffer.from('1\n')
    throw new Error('the sender is gone')
  }
  await t.rejects(ingestStream(broken(), 100, sink, intake, 'queued', goOn, RUNNING), { message: 'the sender is gone' })
  sink.settle(new Error('connection lost'))
  await nextTurn()
  t.equal(sink.offered.length, 1)
})

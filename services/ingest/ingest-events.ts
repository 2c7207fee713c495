import type { Durability } from '../event/durability.ts'
import type { Intake } from '../event/intake.ts'
import { ReportBuilder, type IngestReport, type Place } from './ingest-report.ts'
import { parseLine } from './parse-line.ts'
import { LineSplitter } from './line-splitter.ts'
import type { QueueEventBus } from './queue-event-bus.ts'

/** Where events go: the event bus, for many events at once. */
export type EventSink = Pick<QueueEventBus, 'submit' | 'refuseInvalid'>

/** Turns an element of the body into an event; `index` is its place there, and `text` the element as JSON where that is known. */
type TakeIn = (input: unknown, index: number, text?: string) => Intake

const STOPPED = Symbol('stopped')

/** Most events of one stream that are offered and not yet confirmed; beyond it the socket is left unread. */
const STREAM_WINDOW_EVENTS = 1_024

/** The same in bytes; a few long lines may take more than their share of the memory. */
const STREAM_WINDOW_BYTES = 8_388_608

/** Most results that are listed for one stream, so that a million bad lines do not become a million results in memory. */
export const MOST_STREAM_RESULTS = 10_000

/** Takes in the elements of an array and reports on every one of them. */
export async function ingestArray (inputs: readonly unknown[], bytes: number, sink: EventSink, intake: TakeIn, durability: Durability): Promise<IngestReport> {
  const report = new ReportBuilder('all', inputs.length)
  const confirmations = new Confirmations()
  const bytesEach = bytes / inputs.length
  for (const [index, input] of inputs.entries()) take({ index }, intake(input, index), bytesEach, durability, sink, report, confirmations)
  await confirmations.settle()
  return report.build()
}

/**
 * Takes in an NDJSON body of any length in bounded memory: chunks are read only while few enough events await their
 * confirmation and the pacer lets the stream go on, so TCP slows the sender down when the queue is slow.
 *
 * @param pace resolves when the stream may go on; asked with each chunk
 * @param stopped aborted when the stream has to end where it is
 */
export async function ingestStream (
  chunks: AsyncIterable<Buffer>, maxLineBytes: number, sink: EventSink, intake: TakeIn, durability: Durability, pace: () => Promise<void>, stopped: AbortSignal
): Promise<IngestReport> {
  const report = new ReportBuilder('refused', MOST_STREAM_RESULTS)
  const confirmations = new Confirmations()
  const splitter = new LineSplitter(maxLineBytes)
  let line = 0
  let index = 0
  const takeLines = (lines: ReturnType<LineSplitter['push']>) => {
    for (const text of lines) {
      line++
      if (typeof text === 'string' && text.trim() === '') continue
      const place = { index: index++, line }
      const parsed = parseLine(text, maxLineBytes)
      if (parsed.ok) {
        take(place, intake(parsed.value, place.index, parsed.text), parsed.text.length, durability, sink, report, confirmations)
      } else {
        sink.refuseInvalid()
        report.refuseInvalid(place, parsed.reason, [{ field: '', message: parsed.message }])
      }
    }
  }
  for await (const chunk of readUntil(stopped, chunks, pace)) {
    if (chunk === STOPPED) {
      report.stopAfter(line)
      break
    }
    takeLines(splitter.push(chunk))
    await confirmations.below(STREAM_WINDOW_EVENTS, STREAM_WINDOW_BYTES)
  }
  if (!report.isStopped) takeLines(splitter.end())
  await confirmations.settle()
  return report.build()
}

/** Reads chunk after chunk, each once the stream may go on with it, until the end or until it is told to stop, however long either would take. */
async function * readUntil (stopped: AbortSignal, chunks: AsyncIterable<Buffer>, pace: () => Promise<void>): AsyncGenerator<Buffer | typeof STOPPED> {
  const iterator = chunks[Symbol.asyncIterator]()
  let interrupt: (() => void) | undefined
  const stop = () => interrupt?.()
  stopped.addEventListener('abort', stop, { once: true })
  const read = async () => {
    const result = await iterator.next()
    await pace()
    return result
  }
  try {
    while (!stopped.aborted) {
      const next = await new Promise<IteratorResult<Buffer> | undefined>((resolve, reject) => {
        interrupt = () => resolve(undefined)
        read().then(resolve, reject)
      })
      if (next === undefined) break
      if (next.done === true) return
      yield next.value
    }
    yield STOPPED
  } finally {
    stopped.removeEventListener('abort', stop)
  }
}

function take (
  place: Place, intake: Intake, bytes: number, durability: Durability, sink: EventSink, report: ReportBuilder, confirmations: Confirmations
): void {
  if (!intake.ok) {
    sink.refuseInvalid()
    report.refuseInvalid(place, 'invalid-event', intake.errors)
    return
  }
  const { event, key, text } = intake
  confirmations.expect(bytes)
  sink.submit(event, { bytes, key, text, durability, isPatient: true, mayFollow: true }, (publication) => {
    report.publish(place, event, publication)
    confirmations.note(bytes)
  })
}

/** Counts events that were submitted and of which it is not known yet what became of them. */
class Confirmations {
  #events = 0
  #bytes = 0
  #waiting: { events: number, bytes: number, resolve: () => void } | undefined

  expect (bytes: number): void {
    this.#events++
    this.#bytes += bytes
  }

  note (bytes: number): void {
    this.#events--
    this.#bytes -= bytes
    if (this.#waiting === undefined || !this.#isBelow(this.#waiting.events, this.#waiting.bytes)) return
    this.#waiting.resolve()
    this.#waiting = undefined
  }

  /** Resolves when fewer events than that await their confirmation, of fewer bytes; one may wait at a time. */
  below (events: number, bytes: number): Promise<void> {
    if (this.#isBelow(events, bytes)) return Promise.resolve()
    return new Promise((resolve) => { this.#waiting = { events, bytes, resolve } })
  }

  async settle (): Promise<void> {
    await this.below(1, Infinity)
  }

  #isBelow (events: number, bytes: number): boolean {
    return this.#events < events && this.#bytes < bytes
  }
}

import type { Rights } from '../admission/rights.ts'
import { Deadline } from '../clock/deadline.ts'
import type { TurnShare } from '../clock/turn-share.ts'
import type { Durability } from '../event/durability.ts'
import { Confirmations } from './confirmations.ts'
import { offer, type EventSink } from './event-sink.ts'
import { ReportBuilder, type IngestReport } from './ingest-report.ts'
import { InflationError } from './inflated-body.ts'
import { LineSplitter, type Line } from './line-splitter.ts'
import { LongLine } from './long-line.ts'
import { parseLine } from './parse-line.ts'
import { readUntil, settlesBefore, STOPPED } from './read-until.ts'
import { ResultAllowance } from './result-allowance.ts'
import type { StreamMemory } from './stream-memory.ts'
import type { TakeIn } from './take-array.ts'

/** Most offered events of one stream that are not yet confirmed; beyond it the socket is not read. */
const WINDOW_EVENTS = 1_024

/** The same in bytes, since a few long lines may take much memory. */
const WINDOW_BYTES = 8_388_608

/** Most results of one stream: a million invalid lines must not yield a million results. */
export const MOST_STREAM_RESULTS = 10_000

/** The same in bytes. */
const MOST_RESULT_BYTES = 8_388_608

/** A stream is stopped at this many invalid lines if most of its lines are invalid. */
const MOST_INVALID_LINES = 1_000

export interface StreamIngestion {
  readonly chunks: AsyncIterable<Buffer>
  readonly maxLineBytes: number
  readonly sink: EventSink
  readonly takeIn: TakeIn
  readonly producer: Rights
  readonly durability: Durability
  /** Resolves when the stream may continue; called with each chunk. */
  readonly pace: () => Promise<void>
  /** Whether the chunks of the stream are too small. */
  readonly isWasteful?: () => boolean
  /** Tells whether the key of the producer is still in force; called with each chunk. */
  readonly isInForce?: (() => Promise<boolean>) | undefined
  /** Aborted when the stream has to stop. */
  readonly stopped: AbortSignal
  /** The memory that all streams share. */
  readonly memory: StreamMemory
  readonly share: TurnShare
  /** How long a stream waits for memory for a long line. */
  readonly patienceMs: number
  /** How long the stream may last; 0, the default, has no limit. */
  readonly mostMs?: number
  /** Whether its header declares all its events critical. */
  readonly isCritical?: boolean
}

/**
 * Reads an NDJSON body in bounded memory. It stops reading while too many events await confirmation or the pacer
 * requires it: TCP then slows the sender down.
 *
 * @throws InflationError if the body cannot be decompressed and no event of it was read
 */
export async function ingestStream ({
  chunks, maxLineBytes, sink, takeIn, producer, durability, pace, isWasteful = () => false, isInForce, stopped, memory,
  share, patienceMs, mostMs = 0, isCritical = false
}: StreamIngestion): Promise<IngestReport> {
  const allowance = new ResultAllowance({
    mostResults: MOST_STREAM_RESULTS, mostBytes: MOST_RESULT_BYTES, shared: memory.results
  })
  const report = new ReportBuilder('refused', allowance)
  const confirmations = new Confirmations(memory.window)
  const common = { sink, producer, durability, report, confirmations }
  const splitter = new LineSplitter(maxLineBytes)
  const ending = new AbortController()
  const end = () => ending.abort()
  let isTooLong = false
  const deadline = mostMs === 0 ? undefined : new Deadline(mostMs, () => {
    isTooLong = true
    end()
  })
  const longLine = new LongLine(memory.lines, maxLineBytes, patienceMs, isCritical, end)
  let line = 0
  let index = 0
  let invalid = 0

  const paceOnceHeard = async (): Promise<void> => {
    longLine.hear()
    await pace()
  }
  const stop = (): void => {
    report.stopAfter(line, stopped.aborted ? 'stopping' : isTooLong ? 'too-long' : 'process-overloaded')
  }
  const takeLine = (text: Line): void => {
    line++
    if (typeof text === 'string' && text.trim() === '') return
    const place = { index: index++, line }
    const parsed = parseLine(text, maxLineBytes)
    const intake = parsed.ok
      ? takeIn(parsed.value, place.index, parsed.text)
      : { ok: false as const, errors: [{ field: '', message: parsed.message }] }
    if (!intake.ok) invalid++
    offer(place, intake, parsed.ok ? parsed.text.length : 0, common, parsed.ok ? undefined : parsed.reason)
  }
  const takeLines = async (): Promise<void> => {
    for (let text = splitter.next(); text !== undefined; text = splitter.next()) {
      takeLine(text)
      if (invalid >= MOST_INVALID_LINES && invalid > index / 2) {
        report.stopAfter(line, 'too-many-invalid')
        return
      }
      if (!share.isSpentAfter(typeof text === 'string' ? text.length : 0)) continue
      await share.next()
      // The queue may have been lost in the meantime, or filled up.
      if (!await settlesBefore(ending.signal, pace())) {
        stop()
        return
      }
    }
  }

  const takeChunks = async (): Promise<void> => {
    for await (const chunk of readUntil(ending.signal, chunks, paceOnceHeard)) {
      if (chunk === STOPPED) {
        stop()
        break
      }
      longLine.record(chunk.length)
      if (isInForce !== undefined && !await isInForce()) {
        report.stopAfter(line, 'key-ended')
        break
      }
      if (isWasteful()) {
        report.stopAfter(line, 'chunks-too-small')
        break
      }
      await confirmations.room()
      if (share.isSpent) await share.next()
      splitter.feed(chunk)
      await takeLines()
      if (report.isStopped) break
      if (!await longLine.mayHold(splitter.unfinishedBytes)) {
        report.stopAfter(line, 'process-overloaded')
        break
      }
      await confirmations.below(WINDOW_EVENTS, WINDOW_BYTES)
      longLine.waitForSender()
    }
  }
  const stopIfUndecodable = (error: unknown): void => {
    // Without an event to report, the error itself is the answer.
    const isToReport = error instanceof InflationError && (index > 0 || error.fault === 'process-overloaded')
    if (!isToReport) throw error
    report.stopAfter(line, error.fault)
  }

  try {
    stopped.addEventListener('abort', end, { once: true })
    if (stopped.aborted) end()
    longLine.waitForSender()
    await takeChunks().catch(stopIfUndecodable)
    const last = report.isStopped ? undefined : splitter.last()
    if (last !== undefined) takeLine(last)
    await confirmations.settle()
    return report.build()
  } finally {
    deadline?.clear()
    stopped.removeEventListener('abort', end)
    longLine.release()
    allowance.release()
  }
}

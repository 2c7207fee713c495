import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Refusal } from '../../../services/admission/refusal.ts'
import { TurnShare } from '../../../services/clock/turn-share.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { Intake } from '../../../services/intake/event-intake.ts'
import type { Offering, Publication } from '../../../services/intake/event-bus.ts'
import type { EventSink } from '../../../services/intake/event-sink.ts'
import { ingestStream, type StreamIngestion } from '../../../services/intake/ingest-stream.ts'
import type { IngestReport } from '../../../services/intake/ingest-report.ts'
import { StreamMemory } from '../../../services/intake/stream-memory.ts'
import { UNLIMITED } from '../../../services/admission/rights.ts'

const REFUSAL: Refusal = { kind: 'load', reason: 'circuit-open', retryAfterSeconds: 4 }
const UNSTORED: Refusal = { kind: 'queue', reason: 'queue-unavailable', retryAfterSeconds: 1 }

/** Numbers are events; everything else is invalid. */
export function intake (input: unknown): Intake {
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

/** A sink in the hand of the test: it confirms or fails a batch on demand. */
export class HandSink implements EventSink {
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
      settle({ status: 'refused', refusal: REFUSAL })
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
    for (const settle of oldest)
      settle(error === undefined
        ? { status: 'accepted', durability: 'queued' }
        : { status: 'refused', refusal: UNSTORED })
    return true
  }

  /** Confirms the newest batch first. */
  settleNewest (): void {
    this.#open.unshift(...this.#open.splice(-1))
    this.settle()
  }
}

/** Confirms everything that is offered until `work` has ended. */
export async function confirming<T> (sink: HandSink, work: Promise<T>): Promise<T> {
  const state = { isOver: false }
  const ended = work.finally(() => { state.isOver = true })
  ended.catch(() => {})
  while (!state.isOver) {
    sink.settle()
    await nextTurn()
  }
  return await ended
}

/** A stream that comes in these chunks. */
export async function * chunks (...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}

/** A share of turns that is used up by the clock, as in a service. */
export const newShare = () => new TurnShare(() => performance.now())

/** Takes in a stream of numbers, of a process that is not stopping and lets it go on. */
export function ingest (
  stream: StreamIngestion['chunks'],
  sink: EventSink,
  options: Partial<StreamIngestion> = {}
): Promise<IngestReport> {
  return ingestStream({
    chunks: stream,
    maxLineBytes: 100,
    sink,
    takeIn: intake,
    producer: UNLIMITED,
    durability: 'queued',
    pace: async () => {},
    stopped: new AbortController().signal,
    memory: new StreamMemory(),
    share: newShare(),
    patienceMs: 0,
    ...options
  })
}

/*
 * Delivers batches to the consumer, finds the events that it refuses, and learns whether it takes events at all.
 *
 *   split.ts            which events to send next when a call is refused
 *   consumer-health.ts  whether the consumer takes events, fails, or is out of reach
 *   judgement.ts        what becomes of an event that was refused
 *   size-limit.ts       how large a call may be
 *
 * While the consumer does not take events, batches take turns: one event of one batch asks, the others wait for what it
 * learns. If nothing has changed they go back to the queue as they came.
 */
import { redactUrl } from '../config/redaction.ts'
import type { QueuedEvent } from '../event/event.ts'
import { interrupted, type BatchResult, type Outcome } from '../event/outcome.ts'
import { sharedTrace } from '../event/trace-context.ts'
import { NO_TRACING, type Tracing } from '../tracing/tracing.ts'
import { readAnswer } from './answer.ts'
import { afterPauseSeen, FIRST_PAUSE_MS, TAKING, type Health } from './consumer-health.ts'
import { Delivery, type CallResult } from './delivery.ts'
import { putBack } from './judgement.ts'
import { findUrlProblem, post } from './post.ts'
import { createSigner, messageIdOf, type Signer } from './signature.ts'
import type { SizeLimit } from './size-limit.ts'

const BATCH_MEDIA_TYPE = 'application/cloudevents-batch+json'

export interface DeliveryOptions {
  url: string
  secret?: string | undefined
  timeoutMs: number
  /** The longest wait that the consumer can ask for. */
  maxRetryAfterMs: number
  /** Records the calls; by default nobody does. */
  tracing?: Tracing
  /** Wall clock in milliseconds since 1970: what a signature is dated with and a Retry-After date is compared to. */
  now?: () => number
  /** Monotonic clock in whole milliseconds: what pauses are measured with, so that a corrected wall clock cannot stretch one. */
  elapsed?: () => number
}

export class DeliveryClient {
  readonly #url: string
  /** The same without secrets, for spans and the log. */
  readonly address: string
  readonly #options: Required<Pick<DeliveryOptions, 'timeoutMs' | 'maxRetryAfterMs' | 'tracing' | 'now' | 'elapsed'>>
  readonly #sign: Signer | undefined
  #health: Health = TAKING
  #sizeLimit: SizeLimit | undefined
  /** Settles when the event that asks after the consumer has been answered. */
  #asking: Promise<void> | undefined

  /** @throws Error that names the environment key when the address or the secret cannot be used */
  constructor ({
    url, secret, timeoutMs, maxRetryAfterMs, tracing = NO_TRACING, now = Date.now,
    elapsed = () => Math.floor(performance.now())
  }: DeliveryOptions) {
    const problem = findUrlProblem(url)
    if (problem !== undefined) throw Object.assign(new Error(`DELIVERY_URL: ${problem}`), { code: 'DELIVERY_URL_INVALID' })
    this.#url = url
    this.address = redactUrl(url)
    this.#sign = secret === undefined ? undefined : createSigner(secret)
    this.#options = { timeoutMs, maxRetryAfterMs, tracing, now, elapsed }
  }

  /** The health of the consumer as it is known now. */
  get health (): Health { return this.#health }

  /** Whether an event is on its way that asks if the consumer takes events again. */
  get isAsking (): boolean { return this.#asking !== undefined }

  /** Learns that another worker made all pause for this long. */
  seePause (pausedForMs: number): void {
    this.#health = afterPauseSeen(this.#health, pausedForMs, this.#options.elapsed())
  }

  /** Delivers events and answers an outcome for each, in their order. Never rejects because of the consumer. */
  async deliver (events: readonly QueuedEvent[], signal: AbortSignal): Promise<BatchResult> {
    if (events.length === 0) return { outcomes: [] }
    const wasWaiting = this.#asking !== undefined
    // Other workers may well reach the consumer: nothing waits here for this one.
    if (wasWaiting && this.#health.state === 'out-of-reach') return this.#unsent(events, 0)
    // The call that asks ends within the time-out, and at once when the process shuts down.
    while (this.#asking !== undefined) await this.#asking
    if (signal.aborted) return { outcomes: events.map(() => interrupted(signal)) }
    const { state, failedAt, pauseMs } = this.#health
    if (state === 'taking') return await this.#deliver(events, signal, () => {})
    if (wasWaiting) return { ...this.#unsent(events, 0), ...(state === 'failing' && { pauseMs }) }
    // How long all pause is in Redis, where others may end it. Only batches that were on their way when it began are
    // put back here.
    const restMs = Math.ceil(failedAt + Math.min(pauseMs, FIRST_PAUSE_MS) - this.#options.elapsed())
    if (restMs > 0) return this.#unsent(events, state === 'failing' ? restMs : 0)
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = () => {
      this.#asking = undefined
      resolve()
    }
    this.#asking = promise
    try {
      return await this.#deliver(events, signal, end)
    } finally {
      end()
    }
  }

  async #deliver (events: readonly QueuedEvent[], signal: AbortSignal, onAsked: () => void): Promise<BatchResult> {
    const { elapsed, timeoutMs } = this.#options
    const delivery = new Delivery({
      events, sizeLimit: this.#sizeLimit, elapsed, timeoutMs,
      health: { get: () => this.#health, set: (health) => { this.#health = health } },
      call: (some, texts) => this.#call(some, texts, signal),
      onAsked
    })
    const result = await delivery.run(signal)
    this.#sizeLimit = delivery.learnSize(this.#sizeLimit)
    return result
  }

  #unsent (events: readonly QueuedEvent[], delayMs: number): { outcomes: Outcome[] } {
    const reason =
      this.#health.state === 'failing' ? 'deliveries pause for the consumer' : 'this worker cannot reach the consumer'
    return { outcomes: events.map(() => putBack(reason, delayMs, 0)) }
  }

  async #call (events: readonly QueuedEvent[], texts: readonly string[], signal: AbortSignal): Promise<CallResult> {
    const { tracing, timeoutMs, maxRetryAfterMs, now } = this.#options
    const body = `[${texts.join(',')}]`
    const span = tracing.startDelivery(events, this.address)
    // A call has one header for what may be many traces; each event has its own beside it.
    const shared = sharedTrace(events)
    const result = await post(this.#url, {
      headers: {
        'content-type': BATCH_MEDIA_TYPE,
        accept: 'application/json',
        ...this.#sign?.(messageIdOf(events), new Date(now()), body),
        ...(shared && (span?.trace ?? shared))
      },
      body,
      signal,
      timeoutMs,
      // A result is an id of at most 256 characters, a status and perhaps a reason.
      maxAnswerBytes: 65_536 + 1_024 * events.length
    })
    span?.end(result.kind === 'answered' ? { status: result.status } : { error: result.kind === 'failed' ? result.reason : result.kind })
    if (result.kind !== 'answered') return result
    return readAnswer(result, events.map(({ id }) => id), now(), maxRetryAfterMs)
  }
}

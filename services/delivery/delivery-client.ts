/*
 * Delivers batches to the consumer, finds the events that it refuses, and learns whether it accepts events at all.
 *
 *   split.ts            the events to send next after a refused call
 *   consumer-health.ts  whether the consumer accepts events, fails, or is out of reach
 *   judgement.ts        the fate of a refused event
 *   size-limit.ts       the limit on the size of a call
 *
 * While the consumer accepts no events, one event of one batch probes it, and the other batches wait for the result. If
 * nothing has changed, they return to the queue unchanged.
 */
import { redactUrl } from '../config/redaction.ts'
import { StartFault } from '../config/start-fault.ts'
import type { QueuedEvent } from '../event/event.ts'
import { hasDeadline, hasExpired, HAND_OVER_MS } from '../event/expiry.ts'
import { interrupted, type BatchResult, type Outcome } from '../event/outcome.ts'
import { sharedTrace } from '../event/trace-context.ts'
import { NO_TRACING, type Tracing } from '../tracing/tracing.ts'
import { readAnswer } from './answer.ts'
import { afterPauseSeen, FIRST_PAUSE_MS, TAKING, type Health } from './consumer-health.ts'
import { Delivery, type CallResult } from './delivery.ts'
import { putBack } from './judgement.ts'
import { Outbound } from './outbound.ts'
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
  /** Records the calls; by default they are not recorded. */
  tracing?: Tracing
  /** Where its connections may lead. */
  outbound?: Outbound
  /** Wall clock in milliseconds since 1970, for signatures and dates in Retry-After. */
  now?: () => number
  /** The clock that decides deadlines, in milliseconds since 1970. */
  trustedNow?: () => number
  /** Monotonic clock in whole milliseconds: a correction of the wall clock must not stretch a pause. */
  elapsed?: () => number
}

export class DeliveryClient {
  readonly #url: string
  /** The same without secrets, for spans and the log. */
  readonly address: string
  readonly #options: Required<Pick<DeliveryOptions, 'timeoutMs' | 'maxRetryAfterMs' | 'tracing' | 'outbound' | 'now' | 'trustedNow' | 'elapsed'>>
  readonly #sign: Signer | undefined
  #health: Health = TAKING
  #sizeLimit: SizeLimit | undefined
  /** Settles when the probe has its answer. */
  #asking: Promise<void> | undefined

  /** @throws StartFault that names the environment key if the address or the secret is unusable */
  constructor ({
    url, secret, timeoutMs, maxRetryAfterMs, tracing = NO_TRACING, outbound = new Outbound(), now = Date.now,
    trustedNow = now, elapsed = () => Math.floor(performance.now())
  }: DeliveryOptions) {
    const problem = findUrlProblem(url) ?? outbound.problemOf(url)
    if (problem !== undefined) throw new StartFault('DELIVERY_URL_INVALID', `DELIVERY_URL: ${problem}`)
    this.#url = url
    this.address = redactUrl(url)
    this.#sign = secret === undefined ? undefined : createSigner(secret)
    this.#options = { timeoutMs, maxRetryAfterMs, tracing, outbound, now, trustedNow, elapsed }
  }

  /** The present health of the consumer. */
  get health (): Health { return this.#health }

  /** Whether a probe of the consumer is in progress. */
  get isAsking (): boolean { return this.#asking !== undefined }

  /** Learns that another worker made all workers pause for this long. */
  seePause (pausedForMs: number): void {
    this.#health = afterPauseSeen(this.#health, pausedForMs, this.#options.elapsed())
  }

  /** Delivers events and returns an outcome for each, in order. Never rejects because of the consumer. */
  async deliver (events: readonly QueuedEvent[], signal: AbortSignal): Promise<BatchResult> {
    if (events.length === 0) return { outcomes: [] }
    const wasWaiting = this.#asking !== undefined
    // Other workers may reach the consumer, so events do not wait for this one.
    if (wasWaiting && this.#health.state === 'out-of-reach') return this.#unsent(events, 0)
    // The probe ends within the time-out, and immediately at shutdown.
    while (this.#asking !== undefined) await this.#asking
    if (signal.aborted) return { outcomes: events.map(() => interrupted(signal)) }
    const { state, failedAt, pauseMs } = this.#health
    if (state === 'taking') return await this.#deliver(events, signal, () => {})
    if (wasWaiting) return { ...this.#unsent(events, 0), ...(state === 'failing' && { pauseMs }) }
    // The pause of all workers is in Redis, where another process may end it. This puts back only batches that a worker
    // took before it began.
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
      hasExpired: this.#hasExpired,
      call: (some, texts) => this.#call(some, texts, signal),
      onAsked
    })
    const result = await delivery.run(signal)
    this.#sizeLimit = delivery.learnSize(this.#sizeLimit)
    return result
  }

  readonly #hasExpired = (event: QueuedEvent): boolean =>
    hasExpired(event, this.#options.trustedNow, HAND_OVER_MS)

  #unsent (events: readonly QueuedEvent[], delayMs: number): { outcomes: Outcome[] } {
    const reason =
      this.#health.state === 'failing' ? 'deliveries pause for the consumer' : 'this worker cannot reach the consumer'
    return { outcomes: events.map(() => putBack(reason, delayMs, 0)) }
  }

  async #call (events: readonly QueuedEvent[], texts: readonly string[], signal: AbortSignal): Promise<CallResult> {
    const { tracing, timeoutMs, maxRetryAfterMs, outbound, now } = this.#options
    const body = `[${texts.join(',')}]`
    const span = tracing.startDelivery(events, this.address)
    // A call has one header for perhaps many traces; each event also carries its own.
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
      ...(events.some(hasDeadline) && { isOverdue: () => events.some(this.#hasExpired) }),
      // A result is an id of at most 256 characters, a status and perhaps a reason.
      maxAnswerBytes: 65_536 + 1_024 * events.length,
      outbound
    })
    span
      ?.end(result.kind === 'answered'
        ? { status: result.status }
        : { error: result.kind === 'failed' ? result.reason : result.kind })
    if (result.kind !== 'answered') return result
    return readAnswer(result, events.map(({ id }) => id), now(), maxRetryAfterMs)
  }
}

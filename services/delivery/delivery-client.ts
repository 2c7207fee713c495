/*
 * Delivers batches to the consumer and learns from its answers when to send the next one.
 *
 * While the consumer fails, batches take turns: one asks whether it is back, the others wait for what that one learns. If
 * it is not, they go back to the queue as they came. So an outage costs the batch that asked an attempt, not all of them.
 */
import { redactUrl } from '../config/redaction.ts'
import type { QueuedEvent } from '../event/event.ts'
import { sharedTrace } from '../event/trace-context.ts'
import { NO_TRACING, type Tracing } from '../tracing/tracing.ts'
import { readAnswer, type Verdict } from './answer.ts'
import { cloudEventJson } from './cloud-event.ts'
import { interrupted, type BatchResult, type Outcome } from '../event/outcome.ts'
import { afterAnswer, afterBusy, afterFailure, isFailing, pauseMs, STEADY } from './pace.ts'
import { post, findUrlProblem } from './post.ts'
import { createSigner, messageIdOf, type Signer } from './signature.ts'

export const BATCH_MEDIA_TYPE = 'application/cloudevents-batch+json'

export interface DeliveryOptions {
  url: string
  secret?: string | undefined
  timeoutMs: number
  /** Records the calls; by default nobody does. */
  tracing?: Tracing
  /** Wall clock in milliseconds since 1970: what a signature is dated with and a Retry-After date is compared to. */
  now?: () => number
  /** Monotonic clock in whole milliseconds: what pauses are measured with, so that a corrected wall clock cannot stretch one. */
  elapsed?: () => number
}

export class DeliveryClient {
  readonly #url: string
  /** The same without secrets, for spans. */
  readonly #shownUrl: string
  readonly #timeoutMs: number
  readonly #sign: Signer | undefined
  readonly #tracing: Tracing
  readonly #now: () => number
  readonly #elapsed: () => number
  #pace = STEADY
  /** Settles, without a value, when the delivery that asks after a failing consumer is over. */
  #probe: Promise<void> | undefined

  /** @throws Error that names the environment key when the address or the secret cannot be used */
  constructor ({ url, secret, timeoutMs, tracing = NO_TRACING, now = Date.now, elapsed = () => Math.floor(performance.now()) }: DeliveryOptions) {
    const problem = findUrlProblem(url)
    if (problem !== undefined) throw Object.assign(new Error(`DELIVERY_URL: ${problem}`), { code: 'DELIVERY_URL_INVALID' })
    this.#url = url
    this.#shownUrl = redactUrl(url)
    this.#timeoutMs = timeoutMs
    this.#sign = secret === undefined ? undefined : createSigner(secret)
    this.#tracing = tracing
    this.#now = now
    this.#elapsed = elapsed
  }

  /** Delivers events in one call and answers an outcome for each, in their order. Never rejects because of the consumer. */
  async deliver (events: readonly QueuedEvent[], signal: AbortSignal): Promise<BatchResult> {
    if (events.length === 0) return { outcomes: [] }
    // The probe ends within the time-out, and at once when the process shuts down.
    while (this.#probe !== undefined) await this.#probe
    if (signal.aborted) return { outcomes: forEach(events, interrupted(signal)) }
    const waitMs = pauseMs(this.#pace, this.#elapsed())
    if (waitMs > 0) return { outcomes: forEach(events, { status: 'retry', reason: 'deliveries pause for the consumer', delayMs: waitMs, countsAsAttempt: false }), pauseMs: waitMs }

    const delivery = this.#send(events, signal)
    if (isFailing(this.#pace)) {
      const end = () => { this.#probe = undefined }
      this.#probe = delivery.then(end, end)
    }
    return delivery
  }

  async #send (events: readonly QueuedEvent[], signal: AbortSignal): Promise<BatchResult> {
    const startedAt = this.#elapsed()
    const body = `[${events.map(cloudEventJson).join(',')}]`
    const span = this.#tracing.startDelivery(events, this.#shownUrl)
    // A call has one header for what may be many traces; each event has its own beside it.
    const shared = sharedTrace(events)
    const result = await post(this.#url, {
      headers: { 'content-type': BATCH_MEDIA_TYPE, accept: 'application/json', ...this.#sign?.(messageIdOf(events), new Date(this.#now()), body), ...(shared && (span?.trace ?? shared)) },
      body,
      signal,
      timeoutMs: this.#timeoutMs,
      // A result is an id of at most 256 characters, a status and perhaps a reason.
      maxAnswerBytes: 65_536 + 1_024 * events.length
    })
    span?.end(result.kind === 'answered' ? { status: result.status } : { error: result.kind === 'failed' ? result.reason : result.kind })
    if (result.kind === 'interrupted') return { outcomes: forEach(events, interrupted(signal)) }
    const verdict: Verdict = result.kind === 'answered'
      ? readAnswer(result, events.map(({ id }) => id), this.#now())
      : { consumer: 'failing', outcomes: forEach(events, { status: 'retry', reason: `delivery failed: ${result.reason}` }) }
    return this.#learn(verdict, startedAt)
  }

  #learn (verdict: Verdict, startedAt: number): BatchResult {
    const { outcomes } = verdict
    const now = this.#elapsed()
    switch (verdict.consumer) {
      case 'answered':
        this.#pace = afterAnswer(this.#pace)
        return { outcomes }
      case 'busy':
        this.#pace = afterBusy(this.#pace, verdict.waitMs, now)
        return { outcomes, pauseMs: verdict.waitMs }
      case 'failing':
        this.#pace = afterFailure(this.#pace, startedAt, now)
        return { outcomes, pauseMs: pauseMs(this.#pace, now) }
    }
  }
}

function forEach (events: readonly QueuedEvent[], outcome: Outcome): Outcome[] {
  return events.map(() => outcome)
}

/*
 * Sends events to a Spillway and reports the result of each.
 *
 *   send ──► spool, by priority ──► batch ──► POST /api/v1/events/batch ──► answer per event ──► the promise of send
 *                ▲                                                            │
 *                └──────── shed, or nobody knows: again, not before ──────────┘
 *                          Retry-After, with a retry of the budget
 *
 * Batches form naturally: the client sends a lone event at once, and events that arrive during a request form the next
 * batch. Critical events travel in a separate request. A refusal holds back its class, and the classes below, until the
 * time that the service asked for; events that were not sent yet wait at no cost. If the organization has a quota, the
 * client spreads its events over the time that RateLimit names, and is not refused for it.
 */
import type { Answer } from './answer.ts'
import { ClassGates } from './class-gates.ts'
import { REAL_CLOCK, type Clock } from './clock.ts'
import { CLASSES, classOf, type SendResult, type SpillwayEvent, type UnsentReason } from './event.ts'
import { textOf } from './event-text.ts'
import { requestHeaders } from './header.ts'
import { checkOptions, LONGEST_TIMER_MS } from './option-check.ts'
import { DEFAULT_PRIORITIES, DEFAULT_PRIORITY, type SendOptions, type SpillwayClientOptions } from './options.ts'
import { Pace } from './pace.ts'
import { RetryBudget } from './retry-budget.ts'
import { sendErrors } from './send-check.ts'
import { Spool, type Entry } from './spool.ts'
import { Transport } from './transport.ts'

export type { SendResult, SpillwayEvent } from './event.ts'
export type { SendOptions, SpillwayClientOptions } from './options.ts'

interface RequestPool {
  /** Places in CLASSES. */
  readonly classes: readonly number[]
  readonly mostRequests: number
  requests: number
}

/** Sends events to one Spillway. A process needs one client for as long as it sends. */
export class SpillwayClient {
  readonly #most: { readonly events: number, readonly bytes: number }
  readonly #patienceMs: number
  readonly #priorities: Readonly<Record<string, number>>
  readonly #newId: () => string
  readonly #clock: Clock
  readonly #random: () => number
  readonly #spool: Spool
  readonly #budget: RetryBudget
  readonly #pools: readonly RequestPool[]
  readonly #transport: Transport
  readonly #gates = new ClassGates()
  readonly #pace = new Pace()
  /** The current limit, lower than configured after a batch had to be split. */
  #batchEvents: number
  #timer: unknown
  #isPumpDue = false
  #isClosed = false
  #isStopped = false
  #idleWaiters: (() => void)[] = []

  /** @throws OptionError whose `field` names an option that makes every request fail */
  constructor (options: SpillwayClientOptions) {
    checkOptions(options)
    const {
      url,
      key,
      token = key,
      headers = {},
      maxBatchEvents = 512,
      maxBatchBytes = 1_048_576,
      compressFromBytes = 16_384,
      maxSpoolEvents = 10_000,
      maxSpoolBytes = 33_554_432
    } = options
    this.#most = { events: maxBatchEvents, bytes: maxBatchBytes }
    this.#batchEvents = maxBatchEvents
    this.#patienceMs = options.patienceMs ?? 300_000
    this.#priorities = { ...DEFAULT_PRIORITIES, ...options.priorities }
    this.#newId = options.newId ?? (() => crypto.randomUUID())
    this.#clock = options.clock ?? REAL_CLOCK
    this.#random = options.random ?? Math.random
    this.#transport = new Transport({
      url,
      headers: requestHeaders(headers, token),
      timeoutMs: options.requestTimeoutMs ?? 30_000,
      compressFrom: compressFromBytes,
      // The fetch of a browser must be called on its window.
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      clock: this.#clock
    })
    this.#spool = new Spool(maxSpoolEvents, maxSpoolBytes)
    this.#budget = new RetryBudget(options.retryBudget ?? {}, this.#clock.now())
    this.#pools = [{ classes: [0], mostRequests: 1, requests: 0 }, {
      classes: [1, 2],
      mostRequests: options.maxRequests ?? 1,
      requests: 0
    }]
  }

  /** The number of events without an answer, and their bytes. */
  get pending (): { readonly events: number, readonly bytes: number } {
    return { events: this.#spool.events, bytes: this.#spool.bytes }
  }

  /** Resolves with the final result of the event. */
  send (event: SpillwayEvent, options: SendOptions = {}): Promise<SendResult> {
    const errors = sendErrors(event, options)
    const id = event?.id ?? this.#newId()
    if (errors.length > 0) return Promise.resolve({ status: 'invalid', id, reason: 'unsendable', errors })
    const { signal, traceparent, payloadText } = options
    const unsent = (reason: UnsentReason): Promise<SendResult> => Promise.resolve({ status: 'unsent', id, reason })
    if (this.#isClosed) return unsent('closed')
    if (signal?.aborted === true) return unsent('aborted')
    const text = textOf({ ...event, id }, payloadText)
    if (text === undefined)
      return Promise.resolve({
        status: 'invalid',
        id,
        reason: 'not-json',
        errors: [{ field: 'payload', message: 'Expected a JSON value' }]
      })
    return new Promise((resolve) => {
      const abort = () => { this.#abort(entry) }
      const entry: Entry = {
        id,
        text,
        bytes: new TextEncoder().encode(text).length,
        priority: this.#priorityOf(event),
        isPriorityKnown: event.priority !== undefined,
        traceparent,
        deadline: this.#clock.now() + this.#patienceMs,
        attempts: 0,
        isInFlight: false,
        isAborted: false,
        last: undefined,
        settle: (result) => {
          signal?.removeEventListener('abort', abort)
          resolve(result)
        }
      }
      const givenUp = this.#spool.add(entry)
      if (givenUp === undefined) {
        resolve({ status: 'unsent', id, reason: 'spool-full' })
        return
      }
      for (const other of givenUp) this.#end(other, 'given-up')
      signal?.addEventListener('abort', abort, { once: true })
      this.#pumpSoon()
    })
  }

  /** Resolves when every event passed to `send` has its answer. */
  async flush (): Promise<void> {
    if (this.#spool.events > 0) await new Promise<void>((resolve) => { this.#idleWaiters.push(resolve) })
  }

  /** Accepts no more events and resolves when all have their answer. An aborted signal ends them with what is known. */
  async close ({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    this.#isClosed = true
    const stop = () => { this.#stop() }
    if (signal?.aborted === true) stop()
    signal?.addEventListener('abort', stop, { once: true })
    await this.flush()
    signal?.removeEventListener('abort', stop)
  }

  #priorityOf ({ priority, type }: SpillwayEvent): number {
    const wanted = priority ?? this.#priorities[type] ?? DEFAULT_PRIORITY
    // The service validates the priority; here it only needs a place.
    return Number.isInteger(wanted) ? Math.min(10, Math.max(1, wanted)) : DEFAULT_PRIORITY
  }

  /** Runs in a microtask, so that events sent in one turn form one batch. */
  #pumpSoon (): void {
    if (this.#isPumpDue) return
    this.#isPumpDue = true
    queueMicrotask(() => {
      this.#isPumpDue = false
      this.#pump()
    })
  }

  #pump (): void {
    const now = this.#clock.now()
    this.#expire(now)
    for (const pool of this.#pools) {
      while (pool.requests < pool.mostRequests) {
        const batch = this.#nextBatch(pool, now)
        if (batch.length === 0) break
        void this.#send(pool, batch)
      }
    }
    this.#setTimer(now)
    if (this.#spool.events > 0) return
    for (const resolve of this.#idleWaiters.splice(0)) resolve()
  }

  #nextBatch (pool: RequestPool, now: number): Entry[] {
    const events = Math.min(this.#batchEvents, this.#pace.available(now))
    if (events === 0) return []
    for (const place of pool.classes) {
      const range = CLASSES[place]
      if (range === undefined || this.#gates.opensAt(place) > now) continue
      const batch = this.#spool.take(
        range,
        { events, bytes: this.#most.bytes },
        () => this.#budget.spend(now)
      )
      if (batch.length === 0) continue
      this.#pace.spend(batch.length, now)
      return batch
    }
    return []
  }

  /** Sends a batch and applies its answer, which makes room for the next. */
  async #send (pool: RequestPool, batch: readonly Entry[]): Promise<void> {
    pool.requests++
    this.#budget.earn(batch.filter(({ attempts }) => attempts === 0).length)
    for (const entry of batch) entry.attempts++
    const answer = await this.#transport.post(batch)
    pool.requests--
    this.#apply(answer, batch)
    this.#pump()
  }

  #apply (answer: Answer, batch: readonly Entry[]): void {
    const now = this.#clock.now()
    if (answer.allowance !== undefined) this.#pace.record(answer.allowance ?? undefined, now)
    this.#gates.record(answer, classOf((batch[0] as Entry).priority), now, this.#random())
    if (answer.isToBeSplit) this.#batchEvents = Math.ceil(batch.length / 2)
    else if (answer.hold === 'none') this.#batchEvents = Math.min(this.#most.events, 2 * this.#batchEvents)
    for (const [index, entry] of batch.entries()) {
      const { result, isFinal } = answer.outcomes[index] as Answer['outcomes'][number]
      // An earlier attempt whose answer was lost may have stored an event that is refused now.
      const isRefused = 'retryAfterSeconds' in result || result.status === 'would-expire'
      if (entry.last?.status !== 'unanswered' || !isRefused) entry.last = result
      if (isFinal || entry.isAborted || entry.deadline <= now || this.#isStopped) this.#answer(entry, entry.last)
      else this.#spool.putBack(entry)
    }
  }

  #expire (now: number): void {
    for (const entry of this.#spool.unanswered) {
      if (entry.deadline > now) break
      if (!entry.isInFlight) this.#end(entry, 'out-of-patience')
    }
  }

  /** One timer for the next of these: a class opens, time pays for a retry, the patience of an event ends. */
  #setTimer (now: number): void {
    this.#clock.clearTimeout(this.#timer)
    const wakeAt = Math.min(...this.#pools.map((pool) => this.#poolOpensAt(pool, now)), this.#nextDeadline())
    const delayMs = Math.min(LONGEST_TIMER_MS, Math.max(1, Math.ceil(wakeAt - now)))
    this.#timer = wakeAt === Infinity ? undefined : this.#clock.setTimeout(() => { this.#pump() }, delayMs)
  }

  #poolOpensAt ({ classes, requests, mostRequests }: RequestPool, now: number): number {
    if (requests >= mostRequests) return Infinity
    const waiting = classes.filter((place) => this.#spool.hasWaiting(CLASSES[place] as (typeof CLASSES)[number]))
    const paceOpensAt = this.#pace.opensAt(now)
    // An event that waits in an open class at an open pace is a retry that the budget does not cover yet.
    return Math.min(...waiting.map((place) => {
      const opensAt = Math.max(this.#gates.opensAt(place), paceOpensAt)
      return opensAt > now ? opensAt : now + this.#budget.msUntilNext(now)
    }))
  }

  #nextDeadline (): number {
    for (const { isInFlight, deadline } of this.#spool.unanswered) if (!isInFlight) return deadline
    return Infinity
  }

  #abort (entry: Entry): void {
    entry.isAborted = true
    if (entry.isInFlight) return
    this.#end(entry, 'aborted')
    this.#pumpSoon()
  }

  #stop (): void {
    this.#isStopped = true
    this.#transport.stop()
    // A Set allows deletion during iteration.
    for (const entry of this.#spool.unanswered) if (!entry.isInFlight) this.#end(entry, 'closed')
    this.#pumpSoon()
  }

  /** Ends an event that is not in a request; if it was sent before, with the last known result. */
  #end (entry: Entry, reason: UnsentReason): void {
    this.#answer(entry, entry.last ?? { status: 'unsent', id: entry.id, reason })
  }

  #answer (entry: Entry, result: SendResult): void {
    this.#spool.remove(entry)
    entry.settle(result)
  }
}

import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../../clients/typescript/clock.ts'

/** A clock that stands still until the test moves it to its next timer. */
export class SimulatedClock implements Clock {
  #now = 0
  #timers = new Map<object, { at: number, callback: () => void }>()

  readonly now = (): number => this.#now

  readonly setTimeout = (callback: () => void, delayMs: number): object => {
    const timer = {}
    this.#timers.set(timer, { at: this.#now + delayMs, callback })
    return timer
  }

  readonly clearTimeout = (timer: unknown): void => { this.#timers.delete(timer as object) }

  get timers (): number { return this.#timers.size }

  /** Goes on from timer to timer until `isOver`; work that no timer waits for has to happen in between. */
  async runUntil (isOver: () => boolean, mostSteps = 20_000): Promise<void> {
    for (let step = 0; step < mostSteps; step++) {
      // Promises of an answer that is ready settle within a turn or two.
      for (let turn = 0; turn < 3; turn++) await setImmediate()
      if (isOver()) return
      this.#goToNextTimer()
    }
    throw new Error(`not over after ${mostSteps} timers`)
  }

  #goToNextTimer (): void {
    const [next] = [...this.#timers].toSorted(([, a], [, b]) => a.at - b.at)
    if (next === undefined) throw new Error('nothing is going to happen any more')
    const [timer, { at, callback }] = next
    this.#timers.delete(timer)
    this.#now = Math.max(this.#now, at)
    callback()
  }
}

/** How the simulated service treats one request. */
export type Treatment =
  | { kind: 'accept' }
  | { kind: 'shed', seconds: number, isEarly: boolean }
  | { kind: 'shed-some', seconds: number }
  | { kind: 'quota', seconds: number }
  | { kind: 'lost', isStored: boolean }
  | { kind: 'error', status: number }
  | { kind: 'too-large' }
  | { kind: 'garbage' }

export interface Request {
  readonly at: number
  readonly ids: readonly string[]
  readonly types: readonly string[]
  readonly headers: Headers
  readonly body: string
  readonly treatment: Treatment
}

/** Answers as Spillway does, by a script; afterwards it accepts everything. It remembers ids, and what it was asked. */
export class SimulatedService {
  readonly requests: Request[] = []
  /** Ids that are stored. */
  readonly stored = new Set<string>()
  readonly #clock: SimulatedClock
  readonly #script: Treatment[]
  readonly #answerAfterMs: number

  constructor (clock: SimulatedClock, script: readonly Treatment[] = [], answerAfterMs = 5) {
    this.#clock = clock
    this.#script = [...script]
    this.#answerAfterMs = answerAfterMs
  }

  readonly fetch = (async (_url: URL, init: RequestInit): Promise<Response> => {
    const events = JSON.parse(init.body as string) as { id: string, type: string }[]
    const treatment = this.#script.shift() ?? { kind: 'accept' }
    this.requests.push({
      at: this.#clock.now(), ids: events.map(({ id }) => id), types: events.map(({ type }) => type),
      headers: new Headers(init.headers), body: init.body as string, treatment
    })
    await new Promise<void>((resolve, reject) => {
      const timer = this.#clock.setTimeout(resolve, this.#answerAfterMs)
      init.signal?.addEventListener('abort', () => {
        this.#clock.clearTimeout(timer)
        reject(new Error('aborted'))
      })
    })
    return this.#answer(treatment, events.map(({ id }) => id))
  }) as typeof fetch

  #answer (treatment: Treatment, ids: string[]): Response {
    switch (treatment.kind) {
      case 'accept':
        return Response.json({ results: ids.map((id) => this.#store(id)) }, { status: 202 })
      case 'shed':
        return Response.json(
          {
            reason: 'circuit-open',
            retryAfterSeconds: treatment.seconds,
            results: treatment.isEarly ? [] : ids.map((id) => shed(id, treatment.seconds))
          },
          { status: 503, headers: { 'retry-after': String(treatment.seconds) } }
        )
      case 'shed-some':
        return Response.json(
          { results: ids.map((id, index) => index % 2 === 0 ? this.#store(id) : shed(id, treatment.seconds)) },
          { status: 207, headers: { 'retry-after': String(treatment.seconds) } }
        )
      case 'quota':
        return Response.json({}, { status: 429, headers: { 'retry-after': String(treatment.seconds) } })
      case 'lost':
        if (treatment.isStored) for (const id of ids) this.#store(id)
        throw new TypeError('fetch failed')
      case 'error':
        return new Response('', { status: treatment.status })
      case 'too-large':
        return Response.json({ detail: 'too large' }, { status: 413 })
      case 'garbage':
        return new Response('<html>welcome</html>', { status: 200 })
    }
  }

  #store (id: string): object {
    const status = this.stored.has(id) ? 'duplicate' : 'accepted'
    this.stored.add(id)
    return { status, id, durability: 'queued' }
  }
}

function shed (id: string, retryAfterSeconds: number): object {
  return { status: 'shed', id, reason: 'circuit-open', retryAfterSeconds }
}

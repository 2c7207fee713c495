import type { ListedDeadLetter } from '../checks/end-state.ts'
import { pick, type Random } from '../../rig/random.ts'
import type { World } from '../world.ts'

const TIMEOUT_MS = 5_000
/** Batches of a dead worker come back within this time, and their dead letters must not overlap with a replay. */
const REST_MS = 15_000

interface DeadLetter {
  readonly id: string
  readonly event: { readonly id?: string, readonly type?: string, readonly priority?: number }
  readonly reason: string
  readonly error?: string
  readonly diedAt: string
}

/** Checks the dead letters, and replays those that the consumer will accept from then on. */
export class Replayer {
  replayed = 0
  readonly #world: World
  readonly #urls: readonly string[]
  readonly #random: Random
  readonly #strange = new Set<string>()
  #current: string | undefined
  #currentSinceMs = 0

  constructor (world: World, urls: readonly string[], random: Random) {
    this.#world = world
    this.#urls = urls
    this.#random = random
  }

  /** Lists the dead letters; undefined while the API does not answer. */
  async list (): Promise<ListedDeadLetter[] | undefined> {
    const deadLetters = await this.#deadLetters()
    return deadLetters?.map((deadLetter) => ({ sequence: this.#sequenceOf(deadLetter), reason: deadLetter.reason }))
  }

  /**
   * Replays dead letters that have existed for a while. It requests the replay of a marked one again if it still
   * exists.
   *
   * @returns whether no marked dead letter is left
   */
  async replay (): Promise<boolean> {
    const deadLetters = await this.#deadLetters()
    if (deadLetters === undefined || await this.#isReplaying()) return false
    const { checker, violations } = this.#world
    const ids: string[] = []
    for (const deadLetter of deadLetters) {
      const sequence = this.#sequenceOf(deadLetter)
      if (sequence === undefined || checker.fateOf(sequence) === 'none') {
        if (!this.#strange.has(deadLetter.id)) {
          const { id, event, reason, error } = deadLetter
          violations.record('dead-letters', `${event.id} is a dead letter (${reason}: ${error}) that nobody caused`)
          this.#strange.add(id)
        }
        continue
      }
      const { type, priority } = this.#world.factsOf(sequence)
      if (deadLetter.event.type !== type || deadLetter.event.priority !== priority) {
        violations.record(
          'dead-letters',
          `the dead letter of event ${sequence} says ${deadLetter.event.type} ${deadLetter.event.priority} for ${type} ${priority}`
        )
      }
      if (checker.fateOf(sequence) === 'refused' && !this.#hasRested(sequence)) continue
      if (checker.fateOf(sequence) === 'refused') this.replayed++
      this.#world.forgive(sequence)
      ids.push(deadLetter.id)
    }
    if (ids.length === 0) return true
    const { id } =
      (await this.#ask<{ id?: string }>('/dead-letters/replay', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ids })
      })) ?? {}
    this.#current = id
    this.#currentSinceMs = this.#world.now()
    return false
  }

  #hasRested (sequence: number): boolean {
    return this.#world.now() - this.#world.refusedAt(sequence) > REST_MS
  }

  #sequenceOf ({ event: { id } }: DeadLetter): number | undefined {
    return id === undefined ? undefined : this.#world.refusedAs(id)
  }

  async #isReplaying (): Promise<boolean> {
    // Redis may have forgotten the replay with everything else since then.
    if (this.#current === undefined || this.#world.account.hasRolledBackSince(this.#currentSinceMs)) return false
    const replay = await this.#ask<{ status: string }>(`/dead-letters/replays/${this.#current}`)
    if (replay === undefined) return true
    if (replay.status === 'cancelled') this.#world.violations.record('replay', 'a replay was cancelled by nobody')
    return replay.status === 'running' || replay.status === 'paused'
  }

  async #deadLetters (): Promise<DeadLetter[] | undefined> {
    const deadLetters: DeadLetter[] = []
    for (let next: string | undefined = ''; next !== undefined;) {
      const page: { deadLetters: DeadLetter[], next?: string } | undefined = await this.#ask(
        `/dead-letters?limit=1000${next === '' ? '' : `&cursor=${encodeURIComponent(next)}`}`
      )
      if (page === undefined) return undefined
      deadLetters.push(...page.deadLetters)
      next = page.next
    }
    return deadLetters
  }

  /** Sends a request to one of the APIs; undefined if it failed, which is a violation unless the answer is 503. */
  async #ask<T> (path: string, init: RequestInit = {}): Promise<T | undefined> {
    try {
      const answer = await fetch(`${pick(this.#random, this.#urls)}/api/v1${path}`, {
        ...init,
        signal: AbortSignal.timeout(TIMEOUT_MS)
      })
      const body = await answer.json() as T
      if (answer.ok) return body
      if (answer.status !== 503) {
        this.#world.violations.record(
          'replay',
          `${answer.status} to ${path.split('?')[0]}: ${JSON.stringify(body).slice(0, 120)}`
        )
      }
    } catch {
      // The API was killed, or hangs; the next round tries again.
    }
    return undefined
  }
}

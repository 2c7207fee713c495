/* The figures of a simulated fleet: limits, agreement, quotas, and refusals without a reason. */
import type { CircuitState } from '../../services/admission/circuit.ts'
import type { Offer } from '../../services/admission/offer.ts'
import type { RefusalKind } from '../../services/admission/refusal.ts'
import type { Thresholds } from '../../services/admission/thresholds.ts'
import type { Change, SharedQueue } from './shared-queue.ts'

/** Quotas are compared over so many seconds, once the replicas know each other. */
const WINDOW_SECONDS = 10
const SETTLED_AFTER_SECONDS = 5
/** The part of the replicas that may be far away. */
const FAR_SHARE = 0.02
/** A queue below this share of the critical threshold is no reason to refuse anything. */
const CALM_SHARE = 0.5

/** A replica as far as its agreement with others matters. */
interface Follower {
  /** Whether it can follow the others now. */
  readonly isInTouch: boolean
  readonly gate: { readonly signals: { readonly circuitState: CircuitState } }
}

export class FleetFigures {
  /** Changes that replicas have recorded, each in its own log. */
  recorded = 0
  /** Times from a change until the last replica in touch was in the new state, and until nearly all of them were. */
  readonly agreedMs: number[] = []
  readonly nearlyAgreedMs: number[] = []
  /** Changes that were followed by another one before the last replica was in the new state. */
  overtaken = 0
  /** Times from the return of a replica until it was in the state of the others. */
  readonly joinedMs: number[] = []
  deepest = 0
  /** The deepest queue right after an event that the circuit could have refused. */
  deepestSheddable = 0
  offeredEvents = 0
  storedEvents = 0
  lostEvents = 0
  /** Events that were admitted, and for which the queue had no room. */
  withoutRoom = 0
  calmOffered = 0
  calmRefused = 0
  readonly reasons = new Map<string, number>()
  readonly #quotaBySecond: number[] = []
  readonly #queue: SharedQueue
  readonly #thresholds: Thresholds
  #pending: { readonly change: Change, readonly left: Set<Follower>, nearly: number } | undefined
  readonly #joining = new Map<Follower, number>()

  constructor (queue: SharedQueue, thresholds: Thresholds) {
    this.#queue = queue
    this.#thresholds = thresholds
  }

  offered ({ organizationId }: Offer, events: number): void {
    this.offeredEvents += events
    if (organizationId === undefined && this.#isCalm) this.calmOffered += events
  }

  stored ({ priorityClass, organizationId }: Offer, events: number, depth: number, atMs: number): void {
    this.storedEvents += events
    this.deepest = Math.max(this.deepest, depth)
    if (priorityClass !== 'critical') this.deepestSheddable = Math.max(this.deepestSheddable, depth)
    if (organizationId === undefined) return
    const second = Math.ceil(atMs / 1_000) - 1
    this.#quotaBySecond[second] = (this.#quotaBySecond[second] ?? 0) + events
  }

  refused ({ organizationId }: Offer, kind: RefusalKind, reason: string): void {
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1)
    if (reason === 'no room') this.withoutRoom++
    if (kind === 'load' && organizationId === undefined && this.#isCalm) this.calmRefused++
  }

  lost (events: number): void {
    this.lostEvents += events
  }

  /** Waits for the replicas to follow a change that has just been recorded. */
  changed (change: Change, replicas: readonly Follower[]): void {
    if (this.#pending !== undefined) this.overtaken++
    const left = new Set(replicas.filter(({ isInTouch }) => isInTouch))
    this.#pending = { change, left, nearly: FAR_SHARE * left.size }
  }

  /** A replica has joined, or is in touch again. */
  joins (replica: Follower, atMs: number): void {
    this.#joining.set(replica, atMs)
  }

  /** A replica has taken in a reading. */
  observed (replica: Follower, atMs: number): void {
    const since = this.#joining.get(replica)
    if (since === undefined || replica.gate.signals.circuitState !== this.#queue.state) return
    this.#joining.delete(replica)
    this.joinedMs.push(atMs - since)
  }

  /** Looks which replicas have followed the last change. */
  look (atMs: number): void {
    if (this.#pending === undefined) return
    const { change, left, nearly } = this.#pending
    for (const replica of left) {
      if (replica.gate.signals.circuitState === change.to || !replica.isInTouch) left.delete(replica)
    }
    if (left.size <= nearly) {
      this.nearlyAgreedMs.push(atMs - change.atMs)
      this.#pending.nearly = -1
    }
    if (left.size > 0) return
    this.agreedMs.push(atMs - change.atMs)
    this.#pending = undefined
  }

  /**
   * Events per second of the organization with a quota, in each ten seconds, once the replicas know each other.
   *
   * @param isWhole false for the seconds in which a part of the replicas is cut off
   */
  quotaPerSecond (isWhole: (second: number) => boolean): number[] {
    return this.#quotaBySecond.flatMap((_, first) => {
      const window = this.#quotaBySecond.slice(first, first + WINDOW_SECONDS)
      const isCounted = first >= SETTLED_AFTER_SECONDS && window.length === WINDOW_SECONDS &&
        window.every((_events, second) => isWhole(first + second))
      return isCounted ? [window.reduce((sum, events) => sum + events, 0) / WINDOW_SECONDS] : []
    })
  }

  get #isCalm (): boolean {
    return this.#queue.state === 'CLOSED' && this.#queue.depth < CALM_SHARE * this.#thresholds.critical
  }
}

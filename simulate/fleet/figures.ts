/* The figures of a simulated fleet: limits, agreement, quotas, and refusals without a reason. */
import type { Offer } from '../../services/admission/offer.ts'
import type { RefusalKind } from '../../services/admission/refusal.ts'
import type { Thresholds } from '../../services/admission/thresholds.ts'
import type { Replica, Surroundings } from './replica.ts'
import type { Change, SharedQueue } from './shared-queue.ts'

/** Quotas are compared over windows of this length. */
const WINDOW_MS = 10_000
/** A queue below this share of the critical threshold is no reason to refuse anything. */
const CALM_SHARE = 0.5

export class FleetFigures {
  /** Changes that replicas have recorded, each in its own log. */
  recorded = 0
  /** Times from a change until the last replica in touch was in the new state. */
  readonly agreedMs: number[] = []
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
  readonly #quotaByWindow: number[] = []
  readonly #queue: SharedQueue
  readonly #thresholds: Thresholds
  #pending: { readonly change: Change, readonly left: Set<Replica> } | undefined
  readonly #joining = new Map<Replica, number>()

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
    const window = Math.floor(atMs / WINDOW_MS)
    this.#quotaByWindow[window] = (this.#quotaByWindow[window] ?? 0) + events
  }

  refused ({ organizationId }: Offer, kind: RefusalKind, reason: string, { queue }: Surroundings): void {
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1)
    if (reason === 'no room') this.withoutRoom++
    if (kind === 'load' && organizationId === undefined && queue.state === 'CLOSED' && this.#isCalm) this.calmRefused++
  }

  lost (events: number): void {
    this.lostEvents += events
  }

  /** Waits for the replicas to follow a change that has just been recorded. */
  changed (change: Change, replicas: readonly Replica[]): void {
    this.#pending = { change, left: new Set(replicas.filter(({ isInTouch }) => isInTouch)) }
  }

  /** A replica has joined, or is in touch again. */
  joins (replica: Replica, atMs: number): void {
    this.#joining.set(replica, atMs)
  }

  /** A replica has taken in a reading. */
  observed (replica: Replica, atMs: number): void {
    const since = this.#joining.get(replica)
    if (since === undefined || replica.gate.signals.circuitState !== this.#queue.state) return
    this.#joining.delete(replica)
    this.joinedMs.push(atMs - since)
  }

  /** Looks which replicas have followed the last change. */
  look (atMs: number): void {
    if (this.#pending === undefined) return
    const { change, left } = this.#pending
    for (const replica of left) {
      if (replica.gate.signals.circuitState === change.to || !replica.isInTouch) left.delete(replica)
    }
    if (left.size > 0) return
    this.agreedMs.push(atMs - change.atMs)
    this.#pending = undefined
  }

  /** Events per second of the organization with a quota, in each window but the first and the last. */
  get quotaPerSecond (): number[] {
    return this.#quotaByWindow.slice(1, -1).map((events) => events * 1_000 / WINDOW_MS)
  }

  get #isCalm (): boolean {
    return this.#queue.state === 'CLOSED' && this.#queue.depth < CALM_SHARE * this.#thresholds.critical
  }
}

/*
 * An API process of a simulated fleet: the gate of production, with its share, its view of the circuit and its quotas.
 * It reaches the queue over a connection with a delay, which keeps the order of writes and readings, and over which
 * nothing passes during a partition. Its loop may stand still: then it answers nobody and reads nothing.
 */
import type { AdmissionLogger } from '../../services/admission/admission-log.ts'
import { AdmissionShare } from '../../services/admission/admission-share.ts'
import type { CircuitAnswer, CircuitStep } from '../../services/admission/circuit-record.ts'
import { AdmissionController } from '../../services/admission/controller.ts'
import type { AdmissionCounters } from '../../services/admission/counters.ts'
import { AdmissionGate } from '../../services/admission/gate.ts'
import type { AddAnswer } from '../../services/admission/in-transit.ts'
import type { Offer } from '../../services/admission/offer.ts'
import { Permit } from '../../services/admission/permit.ts'
import { createPolicies, type PolicyModule } from '../../services/admission/policy.ts'
import type { Thresholds } from '../../services/admission/thresholds.ts'
import { ANNOUNCE_INTERVAL_MS } from '../../services/fleet/member.ts'
import { boundedShares } from '../../services/fleet/share.ts'
import type { RegistryEntry } from '../../services/registry/load-folder.ts'
import type { Calendar } from './calendar.ts'
import type { FleetFigures } from './figures.ts'
import type { SharedQueue } from './shared-queue.ts'

const ADMITTED = 'admitted'
/** As in services/queue/sampler.ts, which is not pure. */
const STALE_AFTER_INTERVALS = 3
const COMMAND_TIMEOUT_MS = 1_000
const AWAY = new Error('no answer from the queue')
const NO_LOG: AdmissionLogger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const NO_COUNTERS: AdmissionCounters = {
  offered: () => {}, admitted: () => {}, refused: () => {}, settled: () => {}, invalid: () => {}, reset: () => {}
}

/** The surroundings of all replicas. */
export interface Surroundings {
  readonly calendar: Calendar
  readonly queue: SharedQueue
  readonly figures: FleetFigures
  readonly policies: readonly RegistryEntry<PolicyModule>[]
  readonly settingsOf: (policy: string) => object
  readonly thresholds: Thresholds
  readonly sampleIntervalMs: number
  readonly random: () => number
}

export interface ReplicaOptions {
  readonly id: number
  /** One way to the queue. */
  readonly delayMs: number
  /** Its clock, against that of the others. */
  readonly clockOffsetMs: number
  readonly clockSpeed: number
}

export class Replica {
  readonly id: number
  readonly gate: AdmissionGate
  isCutOff = false
  #isStanding = false
  readonly #waiting: (() => void)[] = []
  readonly #world: Surroundings
  readonly #share: AdmissionShare
  readonly #delayMs: number
  #isReading = false
  #answeredAt = 0
  #announcedAt = -Infinity

  constructor (options: ReplicaOptions, world: Surroundings) {
    const { clockOffsetMs, clockSpeed, delayMs, id } = options
    const { calendar, policies, settingsOf, thresholds, random, figures } = world
    this.id = id
    this.#world = world
    this.#delayMs = delayMs
    const now = () => calendar.now * clockSpeed
    this.#share = new AdmissionShare(now)
    this.gate = new AdmissionGate({
      controller: new AdmissionController({
        thresholds, share: this.#share, now: now(),
        policies: createPolicies(policies, () => clockOffsetMs + now(), settingsOf)
      }),
      mode: 'true', share: this.#share, isProcessOverloaded: () => false, now, wall: () => clockOffsetMs + now(), random,
      log: NO_LOG, counters: NO_COUNTERS, isWriteRefusal: () => false,
      askForStep: (step) => this.#askFor(step),
      onTransition: () => { figures.recorded++ }
    })
    this.#answeredAt = calendar.now
    calendar.after(random() * world.sampleIntervalMs, () => this.#tick())
  }

  get isInTouch (): boolean { return !this.isCutOff && !this.#isStanding }

  /** Lets its loop stand still. */
  stand (forMs: number): void {
    this.#isStanding = true
    this.#world.calendar.after(forMs, () => {
      this.#isStanding = false
      this.#answeredAt = this.#world.calendar.now
      for (const act of this.#waiting.splice(0)) act()
    })
  }

  /** Takes a request with events of one priority. */
  post (offer: Offer, events: number): void {
    this.#whenRunning(() => {
      const permits: Permit[] = []
      for (let event = 0; event < events; event++) {
        const decision = this.gate.admit(offer)
        if (decision instanceof Permit) permits.push(decision)
        else this.#world.figures.refused(offer, decision.kind, decision.reason)
      }
      this.#world.figures.offered(offer, events)
      if (permits.length > 0) this.#write(offer, permits)
    })
  }

  #write (offer: Offer, permits: readonly Permit[]): void {
    const { queue, figures, calendar } = this.#world
    const end = Promise.withResolvers<void>()
    let answered: ((answer: AddAnswer) => void) | void
    void this.gate.inTransit.whileSending(permits.length, permits.length * offer.bytes, (onSent) => {
      answered = onSent()
      return end.promise
    })
    const mostDepth = Math.max(...permits.map((permit) => permit.mostDepth))
    this.#call(() => {
      const isStored = queue.add(offer.priority, permits.length, mostDepth)
      if (isStored) figures.stored(offer, permits.length, queue.depth, calendar.now)
      return isStored
    }, (isStored) => {
      // A reading of its own contains what was sent before it, whatever the answer says.
      answered?.(isStored ? 'unknown' : 'nothing')
      end.resolve()
      for (const permit of permits) {
        if (isStored) permit.settle('enqueued')
        else {
          const { kind } = this.gate.refuseWithoutRoom(permit)
          figures.refused(offer, kind, 'no room')
        }
      }
    }, () => {
      answered?.('nothing')
      end.resolve()
      for (const permit of permits) this.gate.refuseUnstored(permit, 'queue-unavailable')
      figures.lost(permits.length)
    })
  }

  #tick (): void {
    const { calendar, sampleIntervalMs } = this.#world
    calendar.after(sampleIntervalMs, () => this.#tick())
    if (this.#isStanding) return
    if (this.#isReading) {
      if (calendar.now - this.#answeredAt >= STALE_AFTER_INTERVALS * sampleIntervalMs) this.gate.lose(AWAY)
      return
    }
    this.#answeredAt = calendar.now
    this.#read()
  }

  #read (): void {
    const { calendar, queue, figures } = this.#world
    this.#isReading = true
    const isDue = calendar.now - this.#announcedAt >= ANNOUNCE_INTERVAL_MS
    if (isDue) this.#announcedAt = calendar.now
    const { policies, inTransit } = this.gate
    const shares = isDue ? boundedShares({ ...policies.report(), [ADMITTED]: this.#share.report() }) : undefined
    if (shares !== undefined) policies.sent(shares)
    const endReading = inTransit.beginReading()
    this.#call(() => {
      if (shares !== undefined) queue.report(this.id, shares, calendar.now)
      return { reading: queue.read(calendar.now), others: isDue ? queue.sharesBesides(this.id) : undefined }
    }, ({ reading, others }) => {
      this.#isReading = false
      endReading()
      this.gate.observe(reading)
      figures.observed(this, calendar.now)
      if (others === undefined) return
      policies.observe(others)
      this.#share.observe(others.map(({ [ADMITTED]: report = {} }) => report))
    }, () => {
      this.#isReading = false
      this.gate.lose(AWAY)
    })
  }

  #askFor (step: CircuitStep): Promise<CircuitAnswer> {
    const { calendar, queue, sampleIntervalMs } = this.#world
    const answer = Promise.withResolvers<CircuitAnswer>()
    this.#call(
      () => queue.move(step, calendar.now, STALE_AFTER_INTERVALS * sampleIntervalMs), answer.resolve,
      () => { answer.reject(AWAY) }
    )
    return answer.promise
  }

  /** Has something done at the queue, and gets the answer, or fails after a while if the replica is cut off. */
  #call<Answer> (act: () => Answer, onAnswer: (answer: Answer) => void, onFailed: () => void): void {
    const { calendar } = this.#world
    if (this.isCutOff) {
      calendar.after(COMMAND_TIMEOUT_MS, () => this.#whenRunning(onFailed))
      return
    }
    calendar.after(this.#delayMs, () => {
      const answer = act()
      calendar.after(this.#delayMs, () => this.#whenRunning(() => { onAnswer(answer) }))
    })
  }

  #whenRunning (act: () => void): void {
    if (this.#isStanding) this.#waiting.push(act)
    else act()
  }
}

/*
 * A world and a subject, from event to event on a virtual clock:
 *
 *   arrivals ──► subject ──admitted──► queue by class ──► slots of workers ──► done
 *                  │  ▲                      ▲               │ fails
 *           refused│  │comes back            └── delayed ────┴──► dead letter
 *                  └─ client ──► gives up, or holds its later events back meanwhile
 *
 * The next thing to happen is the earliest of an arrival, a return, a completion, a sample and a change of speed.
 * Things at the same time happen in that order, so that a run is determined by its seed.
 */
import { eventOffer, type Offer } from '../../services/admission/offer.ts'
import { absenceRetryMs, retryAfterTime } from '../../services/admission/retry-after.ts'
import { sum } from '../../services/admission/sum.ts'
import { weightOf } from '../../services/organizations/fair-weight.ts'
import { TypeCosts } from '../../services/organizations/usage-cost.ts'
import { FairOrder, type Ordered } from '../../services/organizations/fair-order.ts'
import { ArrivalStream } from '../arrivals/arrival-stream.ts'
import { durationOf } from '../arrivals/arrivals.ts'
import { CLASS_COUNT, PRIORITIES } from '../classes.ts'
import { draw, seedOf } from '../draw.ts'
import { Measures } from '../measure/measures.ts'
import type { Who } from '../measure/who.ts'
import { ADMITTED, SAMPLED_OUT, WOULD_EXPIRE, type Subject } from '../subject.ts'
import { Autoscaler, type Scaler } from './autoscaler.ts'
import { EventPool, NO_LABEL } from './event-pool.ts'
import { hintSeconds } from './hint.ts'
import { OfferCounts } from './offer-counts.ts'
import { Population } from './population.ts'
import { Producers } from './producers.ts'
import { standingsOf } from './standings.ts'
import { readingOf } from './reading.ts'
import { isWithin, spanAt } from './span.ts'
import { TimeHeap } from './time-heap.ts'
import { Workers } from './workers.ts'
import type { World } from './world.ts'

const SECOND_MS = 1_000
const EVENT_BYTES = 300
const PROGRESS_MASK = 2 ** 18 - 1
/** The reason of production for a refusal while the queue is away. */
const AWAY = 'queue-unavailable'

export class Simulation {
  readonly population: Population
  readonly measures: Measures
  readonly workers: Workers
  readonly world: World
  now = 0
  readonly #pool = new EventPool()
  readonly #typeCosts = new TypeCosts()
  readonly #stream: ArrivalStream
  readonly #returns = new TimeHeap()
  readonly #offers: (Offer | undefined)[] = []
  readonly #counts = new OfferCounts()
  readonly #who: Who | undefined
  readonly #scaler: Scaler
  readonly #producers: Producers
  readonly #clientSeed: number
  readonly #hintSeed: number
  readonly #endMs: number
  #events = 0
  #cursor = 0
  #subject!: Subject

  /**
   * @param who tells the recorded kinds of events apart
   * @param scaler decides on the number of workers; by default production does, through an autoscaler
   */
  constructor (world: World, seed: number, who?: Who, scaler?: Scaler) {
    this.world = world
    this.#who = who
    this.population = new Population(world, seed)
    const standings = standingsOf(world, this.population)
    const order = world.order ?? world.settingsParts.control.fairOrder
    this.measures = new Measures(world.budgetsMs, standings, world.arrivals.binMs, world.settings.thresholds, who)
    this.workers = new Workers({
      ...world, pool: this.#pool, measures: this.measures, seed,
      typeOf: (id, organization) => this.population.typeOf(id, organization),
      eventOf: (slot) => this.#eventOf(slot),
      order,
      fairOrder: new FairOrder({
        mode: () => order === 'levels' ? 'organizations' : order,
        costOf: (type) => this.#typeCosts.of(type),
        weightOf: (organizationId) => weightOf(world.settingsParts, organizationId)
      })
    })
    this.#scaler = scaler ?? new Autoscaler(world)
    this.#stream = new ArrivalStream(world.arrivals, seed)
    this.#producers = new Producers(world.producers)
    this.#clientSeed = seedOf(seed, 'client')
    this.#hintSeed = seedOf(seed, 'hint')
    this.#endMs = durationOf(world.arrivals)
  }

  /** @param onProgress gets the share of the arrivals that are over, now and then */
  run (subject: Subject, onProgress: (share: number) => void = () => {}): Measures {
    this.#subject = subject
    const { workers, world: { capacity, sampleIntervalMs, mostDrainMs } } = this
    let arrivalAt = this.#nextArrival()
    let sampleAt = 0
    let speedAt = capacity.nextChange(0)
    let secondAt = SECOND_MS
    let steps = 0
    workers.setSpeed(capacity.speedAt(0), 0)
    for (;;) {
      const workAt = workers.nextAt
      const returnAt = this.#returns.earliest
      const otherAt = Math.min(sampleAt, speedAt)
      if (arrivalAt <= workAt && arrivalAt <= returnAt && arrivalAt <= otherAt && arrivalAt !== Infinity) {
        this.now = arrivalAt
        this.#arrive()
        arrivalAt = this.#nextArrival()
        if ((++steps & PROGRESS_MASK) === 0) onProgress(this.now / this.#endMs)
      } else if (returnAt <= workAt && returnAt <= otherAt) {
        this.now = returnAt
        this.#comeBack(this.#returns.pop())
      } else if (workAt <= otherAt) {
        this.now = workAt
        workers.step()
      } else if (speedAt <= sampleAt) {
        this.now = speedAt
        workers.setSpeed(capacity.speedAt(speedAt), speedAt)
        speedAt = capacity.nextChange(speedAt)
      } else {
        this.now = sampleAt
        this.#sample()
        if (sampleAt >= secondAt) {
          secondAt += SECOND_MS
          this.#second()
        }
        sampleAt += sampleIntervalMs
        const isOver = arrivalAt === Infinity && this.#returns.size === 0 && workers.isIdle
        if (isOver || sampleAt > this.#endMs + mostDrainMs) return this.measures
      }
    }
  }

  /** Events that will come back after the end, and events that are in the hands of workers or wait. */
  get pending (): number { return this.#returns.size + this.#producers.held }

  get queued (): number {
    const { waiting, active, delayed } = this.workers
    return sum([...waiting.map(({ size }) => size), ...active, ...delayed])
  }

  /** Events of mean service time per second; while workers stall, those that they will do again. */
  #capacityPerSecond (): number {
    const { meanServiceMs, capacity } = this.world
    return this.workers.slots * SECOND_MS / meanServiceMs * (capacity.speedAt(this.now) || 1)
  }

  #second (): void {
    const { workers, measures, world: { capacity, timeOuts } } = this
    const waiting = workers.waiting.map(({ size }) => size)
    const isStalled = capacity.speedAt(this.now) === 0 || isWithin(timeOuts, this.now)
    measures.second({
      waiting,
      capacity: this.#capacityPerSecond(),
      isStalled,
      isAwaited: this.#producers.waiting > 0,
      workers: workers.count,
      depth: sum(waiting) + sum([...workers.active])
    })
  }

  #nextArrival (): number {
    while (this.#cursor >= this.#stream.count) {
      if (!this.#stream.next()) return Infinity
      this.#cursor = 0
    }
    return this.#stream.times[this.#cursor] as number
  }

  #arrive (): void {
    const { population, measures, now } = this
    const id = this.#events++
    const label = this.#stream.labels?.[this.#cursor]
    this.#cursor++
    const priorityClass = population.classOf(id, label)
    const organization = population.organizationOf(id, label)
    const service = population.serviceOf(id, organization)
    measures.arrived(priorityClass, organization, service, this.now)
    const slot = this.#pool.take(
      id, priorityClass, organization, label ?? NO_LABEL, service * this.world.meanServiceMs, now,
      now + population.deadlineOf(id)
    )
    if (this.#producers.isWaiting(id)) this.#producers.hold(id, slot)
    else this.#offer(slot)
  }

  /** Offers an event. False if its producer waits to offer it again. */
  #offer (slot: number): boolean {
    const pool = this.#pool
    const answer = this.#ask(slot)
    if (answer === ADMITTED) {
      this.#admit(slot)
      return true
    }
    const backMs = this.#backAfterMs(slot, answer, ++pool.offers[slot]!)
    if (backMs === Infinity) {
      pool.release(slot)
      return true
    }
    this.#producers.setWaiting(pool.id[slot] as number, true)
    this.#returns.push(this.now + backMs, slot)
    return false
  }

  #comeBack (slot: number): void {
    const id = this.#pool.id[slot] as number
    this.#producers.setWaiting(id, false)
    for (let next: number | undefined = slot; next !== undefined; next = this.#producers.take(id)) {
      if (!this.#offer(next)) return
    }
  }

  #ask (slot: number): number {
    const pool = this.#pool
    const priorityClass = pool.class[slot] as number
    const label = pool.label[slot] as number
    const id = pool.id[slot] as number
    this.measures.offered(priorityClass, this.now)
    this.#counts.received[priorityClass]!++
    const outage = spanAt(this.world.outages, this.now)
    if (outage !== undefined) {
      const answer = retryAfterTime(absenceRetryMs(this.now - outage.atMs), draw(this.#hintSeed, id))
      this.#who?.answered(label, answer, AWAY)
      return answer
    }
    const offer = this.#offerOf(priorityClass, pool.organization[slot] as number, label, id)
    const expiresAt = pool.expiresAt[slot] as number
    const answer = this.#subject.offer(expiresAt === Infinity ? offer : { ...offer, expiresAt }, id)
    this.#who?.answered(label, answer, this.#subject.refusalReason)
    return answer
  }

  #admit (slot: number): void {
    const pool = this.#pool
    const priorityClass = pool.class[slot] as number
    pool.admittedAt[slot] = this.now
    this.#counts.admitted[priorityClass]!++
    this.measures.admitted(priorityClass, pool.organization[slot] as number, this.now, this.#subject.weight ?? 1)
    this.workers.enqueue(slot, this.now)
  }

  #backAfterMs (slot: number, answer: number, offers: number): number {
    const pool = this.#pool
    const priorityClass = pool.class[slot] as number
    const id = pool.id[slot] as number
    const { measures, world: { clients, mostOffers, hint } } = this
    if (answer === SAMPLED_OUT) {
      this.#counts.sampled[priorityClass]!++
      measures.sampledOut(priorityClass)
      return Infinity
    }
    if (answer === WOULD_EXPIRE) {
      measures.wouldExpire()
      return Infinity
    }
    this.#counts.shed[priorityClass]!++
    const seconds = hintSeconds(hint, answer, draw(this.#hintSeed + offers, id))
    measures.shed(priorityClass, seconds, this.now)
    const client = clients[this.#producers.of(id) % clients.length]
    const backMs = offers >= mostOffers || answer === Infinity
      ? Infinity
      : client?.comesBackAfterMs(offers, seconds, draw(this.#clientSeed + offers, id)) ?? Infinity
    if (backMs === Infinity) measures.gaveUp(priorityClass, slot, pool)
    return backMs
  }

  /** Offers that admission cannot tell apart are one object. */
  #offerOf (priorityClass: number, organization: number, label: number, id: number): Offer {
    const { arrivals: { recorded }, flood } = this.world
    const make = () => eventOffer({
      priority: PRIORITIES[priorityClass] as number, ...this.#namesOf(organization, label, id)
    }, EVENT_BYTES)
    if (flood?.split === 'types' && this.population.isFlood(organization)) return make()
    return this.#offers[recorded === undefined ? organization * CLASS_COUNT + priorityClass : label] ??= make()
  }

  #eventOf (slot: number): Ordered {
    const { id, label, organization } = this.#pool
    return this.#namesOf(organization[slot] as number, label[slot] as number, id[slot] as number)
  }

  #namesOf (organization: number, label: number, id: number): Ordered {
    const { recorded } = this.world.arrivals
    if (recorded === undefined) {
      return { type: this.population.typeOf(id, organization), organizationId: `organization-${organization}` }
    }
    const organizationId = recorded.organizations[organization]
    const type = recorded.types[recorded.kinds[label]!.type] ?? ''
    return organizationId === undefined ? { type } : { type, organizationId }
  }

  #sample (): void {
    const { workers, measures } = this
    const before = this.#subject.circuitState
    if (isWithin(this.world.outages, this.now)) {
      this.#subject.lose?.()
      return
    }
    workers.serviceTimes.fade(this.world.sampleIntervalMs)
    const reading = readingOf(workers, this.#pool, this.#counts, this.now)
    this.#typeCosts.observe([reading.serviceMs])
    this.#subject.observe(reading)
    if (this.world.mostWorkers > 1) {
      workers.setCount(this.#scaler.observe(reading, this.#subject.arrivalsAhead), this.now)
    }
    if (this.#subject.circuitState !== before) measures.circuitMoved()
    workers.isLifo = this.#subject.isLifo === true
  }
}

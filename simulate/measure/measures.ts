import { lowShedDepth, type Thresholds } from '../../services/admission/thresholds.ts'
import { CLASS_COUNT, named, NORMAL, type ByClass } from '../classes.ts'
import type { Standing } from '../world/standings.ts'
import type { EventPool } from '../world/event-pool.ts'
import type { Counts, Figures } from './figures.ts'
import { GrowingCounts } from './growing.ts'
import { Histogram } from './histogram.ts'
import { Minutes } from './minutes.ts'
import { Recovery } from './recovery.ts'
import { RetryAccuracy } from './retry-accuracy.ts'
import { SampleEstimate } from './sample-estimate.ts'
import { ScaleSteps } from './scale-steps.ts'
import { Starvation } from './starvation.ts'
import type { Who } from './who.ts'

const MINUTE_MS = 60_000
/** Shedding keeps the depth just below the depth that it begins at; so much of it is at the limit. */
const AT_LIMIT = 0.95
/** Worth of an event by class. */
const WORTH: ByClass = [100, 10, 1]
const counters = () => new Float64Array(CLASS_COUNT)
const sumOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0)
const worthOf = (events: Float64Array) =>
  events.reduce((sum, value, index) => sum + value * (WORTH[index] as number), 0)
const shareOf = (part: Float64Array, whole: Float64Array, index: number) =>
  whole[index] === 0 ? 0 : (part[index] as number) / (whole[index] as number)

/** One second of a run. */
export interface Second {
  /** Events that wait, by class. */
  readonly waiting: ArrayLike<number>
  /** Events per second of mean service time; while nothing is finished, those that will be again. */
  readonly capacity: number
  /** Nothing is finished. */
  readonly isStalled: boolean
  /** Producers wait to offer events again, and hold others back. */
  readonly isAwaited: boolean
  readonly workers: number
  /** Events that wait or are in work. */
  readonly depth: number
}

/** Watches a run. Arrays are indexed by class or by organization. */
export class Measures {
  /** Offers and refusals per minute, for a control that refuses at the same rate. */
  readonly offersByMinute = new GrowingCounts()
  readonly shedByMinute = new GrowingCounts()
  readonly #budgetsMs: ByClass
  readonly #thresholds: Thresholds
  readonly #standings: readonly Standing[]
  readonly #binMs: number
  readonly #who: Who | undefined
  readonly #events = counters()
  readonly #offers = counters()
  readonly #admitted = counters()
  readonly #shed = counters()
  readonly #lost = counters()
  readonly #good = counters()
  readonly #eventsOf: Float64Array
  readonly #admittedOf: Float64Array
  #belowShareEvents = 0
  #belowShareLost = 0
  readonly #waits = Array.from({ length: CLASS_COUNT }, () => new Histogram())
  readonly #lightWaits = new Histogram()
  readonly #belowShareWaits = new Histogram()
  readonly #minutes = Array.from({ length: CLASS_COUNT }, () => new Minutes())
  readonly #recovery = new Recovery()
  readonly #accuracy = new RetryAccuracy()
  readonly #starvation = new Starvation()
  readonly #sample = new SampleEstimate()
  readonly #scaleSteps = new ScaleSteps()
  #done = 0
  #dead = 0
  #wouldExpire = 0
  #expired = 0
  #late = 0
  #overshoot = 0
  #flips = 0
  #secondsAtLimit = 0
  #secondsAboveCritical = 0
  #workerSeconds = 0
  #lastDoneAt = 0
  #workThisSecond = 0
  #shedThisSecond = 0

  /**
   * @param thresholds of the operator
   */
  constructor (
    budgetsMs: ByClass, standings: readonly Standing[], binMs: number, thresholds: Thresholds, who?: Who
  ) {
    this.#binMs = binMs
    this.#thresholds = thresholds
    this.#budgetsMs = budgetsMs
    this.#who = who
    this.#standings = standings
    this.#eventsOf = new Float64Array(standings.length)
    this.#admittedOf = new Float64Array(standings.length)
  }

  /** @param service as a multiple of the mean */
  arrived (priorityClass: number, organization: number, service: number, now: number): void {
    if (this.#isBelowShare(organization, now)) this.#belowShareEvents++
    this.#events[priorityClass]!++
    this.#eventsOf[organization]!++
    this.#workThisSecond += service
  }

  offered (priorityClass: number, now: number): void {
    this.#offers[priorityClass]!++
    this.offersByMinute.add(Math.floor(now / MINUTE_MS))
    this.#minutes[priorityClass]!.offered(now)
    this.#starvation.offered(priorityClass, now)
  }

  /** @param weight the number of events that the event stands for */
  admitted (priorityClass: number, organization: number, now: number, weight: number): void {
    this.#admitted[priorityClass]!++
    this.#admittedOf[organization]!++
    this.#minutes[priorityClass]!.admitted(now)
    this.#accuracy.admitted(priorityClass, now)
    this.#sample.kept(priorityClass, weight)
  }

  /** @param retryAfterSeconds undefined if the refusal says nothing */
  shed (priorityClass: number, retryAfterSeconds: number | undefined, now: number): void {
    this.#shed[priorityClass]!++
    this.#shedThisSecond++
    this.shedByMinute.add(Math.floor(now / MINUTE_MS))
    this.#accuracy.refused(priorityClass, retryAfterSeconds ?? Infinity, now)
  }

  wouldExpire (): void { this.#wouldExpire++ }

  /** An event reached a worker after its deadline. */
  expired (slot: number, pool: EventPool): void {
    this.#expired++
    this.#who?.expired(pool.label[slot] as number)
  }

  sampledOut (priorityClass: number): void { this.#sample.leftOut(priorityClass) }

  gaveUp (priorityClass: number, slot: number, pool: EventPool): void {
    this.#lost[priorityClass]!++
    if (this.#wasBelowShare(slot, pool)) this.#belowShareLost++
  }

  /** A worker hands an event to the consumer. */
  attempted (slot: number, pool: EventPool, now: number): void {
    if (now >= (pool.expiresAt[slot] as number)) this.#late++
  }

  /** A worker takes an event for the first time. */
  started (slot: number, pool: EventPool, now: number): void {
    const priorityClass = pool.class[slot] as number
    const admittedAt = pool.admittedAt[slot] as number
    const budgetMs = this.#budgetsMs[priorityClass] as number
    const waitMs = now - admittedAt
    this.#waits[priorityClass]!.add(waitMs)
    this.#starvation.started(priorityClass, now)
    this.#who?.started(pool.label[slot] as number, waitMs)
    if (priorityClass === NORMAL && this.#standings[pool.organization[slot] as number]!.isLight) {
      this.#lightWaits.add(waitMs)
    }
    if (priorityClass === NORMAL && this.#wasBelowShare(slot, pool)) this.#belowShareWaits.add(waitMs)
    if (waitMs <= budgetMs) this.#minutes[priorityClass]!.inTime(admittedAt)
    if (now - (pool.offeredAt[slot] as number) <= budgetMs) pool.isTimely[slot] = 1
  }

  done (slot: number, pool: EventPool, now: number): void {
    this.#done++
    this.#lastDoneAt = now
    this.#good[pool.class[slot] as number]! += pool.isTimely[slot] as number
  }

  died (_slot: number, _pool: EventPool, now: number): void {
    this.#dead++
    this.#lastDoneAt = now
  }

  circuitMoved (): void { this.#flips++ }

  /** Takes in one second of the run. */
  second ({ waiting, capacity, isStalled, isAwaited, workers, depth }: Second): void {
    this.#workerSeconds += workers
    this.#scaleSteps.observe(workers)
    if (depth >= AT_LIMIT * lowShedDepth(this.#thresholds)) this.#secondsAtLimit++
    if (depth >= this.#thresholds.critical) this.#secondsAboveCritical++
    let isCalm = this.#shedThisSecond === 0 && !isAwaited
    let ahead = 0
    for (let index = 0; index < CLASS_COUNT; index++) {
      ahead += waiting[index] as number
      const excess = ahead / (capacity * (this.#budgetsMs[index] as number) / 1_000) - 1
      if (excess > 0) isCalm = false
      // Critical events are never shed, so nobody could keep their backlog lower.
      if (index >= NORMAL) this.#overshoot = Math.max(this.#overshoot, excess)
    }
    this.#recovery.second(this.#workThisSecond, isStalled ? 0 : capacity, isCalm)
    this.#workThisSecond = 0
    this.#shedThisSecond = 0
  }

  #wasBelowShare (slot: number, pool: EventPool): boolean {
    return this.#isBelowShare(pool.organization[slot] as number, pool.offeredAt[slot] as number)
  }

  #isBelowShare (organization: number, offeredAt: number): boolean {
    const { isBelowShare } = this.#standings[organization] as Standing
    return isBelowShare[Math.min(isBelowShare.length - 1, Math.floor(offeredAt / this.#binMs))] as boolean
  }

  get #floodAdmitted (): number | null {
    const ofFlood = (values: Float64Array) => sumOf(values.filter((_, index) => this.#standings[index]!.isFlood))
    const events = ofFlood(this.#eventsOf)
    return events === 0 ? null : ofFlood(this.#admittedOf) / events
  }

  figures (pending: number, queued: number): Figures {
    const counts: Counts = {
      events: sumOf(this.#events),
      offered: sumOf(this.#offers),
      admitted: sumOf(this.#admitted),
      shed: sumOf(this.#shed),
      sampledOut: this.#sample.leftOutCount,
      wouldExpire: this.#wouldExpire,
      lost: sumOf(this.#lost),
      pending,
      done: this.#done,
      dead: this.#dead,
      expired: this.#expired,
      late: this.#late,
      queued
    }
    return {
      goodput: counts.events === 0 ? 1 : sumOf(this.#good) / counts.events,
      worth: counts.events === 0 ? 1 : worthOf(this.#good) / worthOf(this.#events),
      criticalLost: shareOf(this.#lost, this.#events, 0),
      waitMs: named((index) => ({ p50: this.#waits[index]!.quantile(0.5), p99: this.#waits[index]!.quantile(0.99) })),
      minutesWithinBudget: named((index) => this.#minutes[index]!.shareWithinBudget),
      overshoot: this.#overshoot,
      circuitFlips: this.#flips,
      secondsAtLimit: this.#secondsAtLimit,
      secondsAboveCritical: this.#secondsAboveCritical,
      workerSeconds: this.#workerSeconds,
      scaleSteps: this.#scaleSteps.steps,
      scaleReversals: this.#scaleSteps.reversals,
      recoverySeconds: this.#recovery.meanSeconds,
      starvedSeconds: named((index) => this.#starvation.longestSeconds(index)),
      lightWaitMs: this.#lightWaits.quantile(0.99),
      makespan: this.#lastDoneAt / 1_000,
      jain: jainIndex(this.#admittedOf, this.#eventsOf),
      belowShareLost: this.#belowShareEvents === 0 ? 0 : this.#belowShareLost / this.#belowShareEvents,
      belowShareWaitMs: this.#belowShareWaits.quantile(0.99),
      floodAdmitted: this.#floodAdmitted,
      retryAfterAccuracy: { p50: this.#accuracy.quantile(0.5), p90: this.#accuracy.quantile(0.9) },
      retryAmplification: counts.events === 0 ? 1 : counts.offered / counts.events,
      shedShare: named((index) => shareOf(this.#shed, this.#offers, index)),
      sample: this.#sample.figures,
      counts
    }
  }
}

/** Jain's index of the shares of their events that organizations got in: 1 if all are equal, 1/n if one got all. */
function jainIndex (admitted: Float64Array, events: Float64Array): number {
  const parts = Array.from(admitted, (count, index) => count / (events[index] as number))
  const shares = parts.filter((part) => !Number.isNaN(part))
  const sum = shares.reduce((total, part) => total + part, 0)
  const squares = shares.reduce((total, part) => total + part * part, 0)
  return squares === 0 ? 1 : sum * sum / (shares.length * squares)
}

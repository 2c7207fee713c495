/*
 * The share of a quota that this replica admits. Each replica reports the offers of an organization once a second, as a
 * share of its quota. All of them divide by the same reports, so their shares add up to 1 as soon as all have read them.
 *
 *   offers of all replicas    share of this one
 *   the quota or more         own report / all reports
 *   less than the quota       own report, and an equal part of what is left
 *   of others unknown         the whole quota for a second, then an equal part
 *
 * A replica that has not reported yet, because a balancer has just sent it there, admits LEAST_SHARE / replicas.
 *
 * When a balancer changes, replicas hold shares for a second or two that they do not use. They report what they leave
 * over, and it comes back to the replicas that could have used it, as a credit that raises their shares by CREDIT_SHARE.
 * So a second exceeds the quota by no more than that, and ten seconds by nothing.
 */

/** After this long without a reading of the fleet, Redis counts as away. */
const AWAY_MS = 3_000

/** Reports of all replicas have been read by then. */
const KNOWN_AFTER_MS = 2_500

/** An organization that was idle has the whole quota on each replica for this long. */
const WHOLE_MS = 1_000

/**
 * An organization gets another second with the whole quota after this long at the least. If other replicas have reported
 * it since, all of them together may have admitted a multiple of its quota: the time for which the quota allows as much
 * has to be over too, or pauses would multiply a quota.
 */
const AGAIN_MS = 2_000

const LEAST_SHARE = 0.15
/** Until all replicas have reported, the most of one, divided by their number. */
const MOST_EARLY_SHARE = 1.15
const CREDIT_SHARE = 0.15

/** A share that is left over by less is not reported. */
const LEAST_LEFT = 0.05

/** Most of a credit, in milliseconds of the quota. */
const MOST_CREDIT_MS = 600

/** Two readings within this time are one, of which the second counts. */
const SAME_READING_MS = 100

/** The fleet as this replica sees it. */
export class FleetView {
  /** All replicas, this one included. */
  replicas = 1
  /** The time of the last reading; undefined before the first. */
  #readAt: number | undefined
  #backAt = -Infinity
  #intervalMs = 0
  /** The replicas of the reading before. */
  #before = 1

  /** Milliseconds between the last reading and the one before. */
  get intervalMs (): number { return this.#intervalMs }

  /** Counts the readings; one that takes the place of another of the same moment has the same number. */
  #number = 0

  get number (): number { return this.#number }

  /** Takes in a reading with so many other replicas. */
  observe (others: number, now: number): void {
    const elapsed = now - (this.#readAt ?? -Infinity)
    if (elapsed >= SAME_READING_MS) this.#begin(elapsed, now)
    // The records of the others have expired while Redis was away, and the next readings have them again.
    this.replicas = this.#isSettling(now) ? Math.max(this.#before, others + 1) : others + 1
  }

  #begin (elapsed: number, now: number): void {
    if (this.#readAt !== undefined && elapsed > AWAY_MS) this.#backAt = now
    // Nobody knows what was left over while Redis was away.
    this.#intervalMs = elapsed > AWAY_MS ? 0 : elapsed
    this.#before = this.replicas
    this.#readAt = now
    this.#number++
  }

  /** Whether there have been no readings for a while. A process that has never read the fleet is alone. */
  isAway (now: number): boolean {
    return this.#readAt !== undefined && now - this.#readAt > AWAY_MS
  }

  /** Whether an organization that offers since a time would be in the reports of the others by now. */
  knows (since: number, now: number): boolean {
    return now - since >= KNOWN_AFTER_MS && !this.#isSettling(now)
  }

  #isSettling (now: number): boolean { return now - this.#backAt < KNOWN_AFTER_MS }
}

/** A second with the whole quota, and what came after it. */
export interface WholeSecond {
  readonly from: number
  readonly replicas: number
  /** Charges of its first moment that are not refunded. */
  charges: number
  /** Whether all of these have been refunded, which ends the second. */
  isRefunded: boolean
  /** The time of the quota that this replica has used since, if all have used as much in that second. */
  usedMs: number
  /** Whether other replicas have reported the organization since. */
  isSpread: boolean
}

/**
 * A charge as a part of what has come since a second with the whole quota. Equal ones in a row are one object, which
 * stands for each of them.
 */
export interface Use {
  readonly whole: WholeSecond
  readonly usedMs: number
  readonly isFirst: boolean
}

/** The share of one organization. */
export class ReplicaShare {
  /** The offers that this replica has reported last, as a share of the quota; 0 without a report. */
  reported = 0
  /** The sum of the last reports of the others. */
  others = 0
  /** Undefined while no replica has reported the organization. */
  #share: number | undefined
  #whole: WholeSecond | undefined
  /** The last one. */
  #use: Use | undefined
  #creditMs = 0
  /** The number of the last reading, and the values before it. */
  #reading = 0
  #before: { readonly share: number | undefined, readonly creditMs: number } = { share: undefined, creditMs: 0 }

  /** The share in force, 0 to 1. */
  at (now: number, { replicas }: FleetView): number {
    return this.#share ?? (this.#isWhole(now) ? 1 : 1 / replicas)
  }

  /** Counts a charge; undefined if the organization never had a second with the whole quota. */
  use (ms: number, now: number): Use | undefined {
    const whole = this.#whole
    if (whole === undefined) return undefined
    const isFirst = whole.from === now
    const usedMs = now - whole.from < WHOLE_MS ? ms * whole.replicas : ms
    if (isFirst) {
      whole.charges++
      whole.isRefunded = false
    }
    whole.usedMs += usedMs
    const last = this.#use
    if (last?.whole === whole && last.usedMs === usedMs && last.isFirst === isFirst) return last
    this.#use = { whole, usedMs, isFirst }
    return this.#use
  }

  /** Takes a charge back. */
  refund ({ whole, usedMs, isFirst }: Use): void {
    whole.usedMs -= usedMs
    if (isFirst) whole.isRefunded = --whole.charges === 0
  }

  /**
   * The part of the quota that this replica had in the last second and did not need.
   *
   * @param used the part that it admitted
   */
  leftAt (now: number, used: number, fleet: FleetView): number {
    const left = this.at(now, fleet) - used
    // In the second with the whole quota a replica takes nothing from others.
    return left < LEAST_LEFT || fleet.replicas === 1 || this.#isWhole(now) ? 0 : left
  }

  /**
   * The organization posts an event while its buckets are full.
   *
   * @param others the sum of the last reports of the others
   */
  begin (others: number, now: number, fleet: FleetView): void {
    if (this.#share === undefined && others > 0) {
      this.others = others
      this.#share = this.#base(now, now, fleet)
    }
    if (this.#whole !== undefined && others > 0) this.#whole.isSpread = true
    if (this.#mayBeWhole(now)) {
      const { replicas } = fleet
      this.#whole = { from: now, replicas, charges: 0, isRefunded: false, usedMs: 0, isSpread: others > 0 }
    }
  }

  /**
   * Takes in the reports of the other replicas: the sums of their offers, and of what they left over.
   *
   * @param since when the organization began to offer here
   */
  observe (others: number, left: number, since: number, now: number, fleet: FleetView): void {
    if (this.#reading !== fleet.number) {
      this.#reading = fleet.number
      this.#before = { share: this.#share, creditMs: this.#creditMs }
    }
    this.others = others
    if (this.#whole !== undefined && others > 0) this.#whole.isSpread = true
    if (this.reported === 0 && others === 0) {
      this.#share = undefined
      this.#creditMs = 0
      return
    }
    const base = this.#base(since, now, fleet)
    this.#creditMs = this.#creditAfter(base, left, fleet.intervalMs)
    this.#share = base * (this.#creditMs > 0 ? 1 + CREDIT_SHARE : 1)
  }

  #isWhole (now: number): boolean {
    return this.#whole !== undefined && !this.#whole.isRefunded && now - this.#whole.from < WHOLE_MS
  }

  #mayBeWhole (now: number): boolean {
    if (this.#whole === undefined) return true
    const { from, isRefunded, usedMs, isSpread } = this.#whole
    return now - from >= Math.max(isRefunded ? 0 : AGAIN_MS, isSpread ? usedMs : 0)
  }

  #base (since: number, now: number, fleet: FleetView): number {
    const { replicas } = fleet
    if (replicas === 1 && this.others === 0) return 1
    if (this.others === 0 && !fleet.knows(since, now)) return 1 / replicas
    const all = this.reported + this.others
    const share = all >= 1 ? this.reported / all : this.reported + (1 - all) / replicas
    const most = fleet.knows(since, now) ? Infinity : MOST_EARLY_SHARE / replicas
    return Math.min(most, Math.max(share, LEAST_SHARE / replicas))
  }

  /** Counts what the others have left over of their shares, if this replica had too small a one. */
  #creditAfter (share: number, reportedLeft: number, intervalMs: number): number {
    const { share: had = share, creditMs } = this.#before
    if (this.reported <= had) return 0
    // Replicas that have nothing of the organization do not report.
    const left = this.others === 0 ? Math.max(0, 1 - had) : reportedLeft
    const spent = creditMs > 0 ? had * CREDIT_SHARE / (1 + CREDIT_SHARE) * intervalMs : 0
    return Math.min(MOST_CREDIT_MS, Math.max(0, creditMs - spent) + left * Math.min(1, 2 * share) * intervalMs)
  }
}

/*
 * A fleet of replicas on a virtual clock, a millisecond at a time:
 *
 *   producers ──balancer──► replica ──delay──► queue ──► workers, so many events per second
 *                              ▲                 │
 *                              └─── readings ◄───┘
 *
 *   0        0.2       0.35            0.5     0.6        0.7                1     of the time
 *   half the capacity  │ flash crowd: times the capacity  │ half the capacity
 *                      late replicas come     │ a part is cut off │
 *
 * Some loops stand still for a while, and some clocks are wrong. One organization offers three times its quota
 * throughout. All draws come from the seed, so a run can be repeated.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { eventOffer, type Offer } from '../../services/admission/offer.ts'
import type { PolicyModule } from '../../services/admission/policy.ts'
import type { Thresholds } from '../../services/admission/thresholds.ts'
import type { RegistryEntry } from '../../services/registry/load-folder.ts'
import { mulberry32, type Random } from '../../rig/random.ts'
import { Calendar } from './calendar.ts'
import { FleetFigures } from './figures.ts'
import { Replica } from './replica.ts'
import { SharedQueue } from './shared-queue.ts'

export interface FleetOptions {
  readonly replicas: number
  readonly seconds: number
  readonly seed: number
  /** Events that workers finish per second. */
  readonly capacityPerSecond: number
  /** Offers during the flash crowd, as a multiple of the capacity. */
  readonly crowd: number
  /** Events of a request that is an array, and the part of the events that come in arrays. */
  readonly arrayEvents: number
  readonly arrayShare: number
  readonly quotaPerSecond: number
  readonly sampleIntervalMs: number
  readonly thresholds: Thresholds
  /** Records of processes that the fleet has room for. */
  readonly mostMembers: number
  readonly policies: readonly RegistryEntry<PolicyModule>[]
}

export interface FleetRun {
  readonly figures: FleetFigures
  readonly queue: SharedQueue
}

const STEP_MS = 1
const CALM_LOAD = 0.5
const CROWD = [0.2, 0.6] as const
const CUT = [0.5, 0.7] as const
const JOIN_AT = 0.35
const LATE_SHARE = 0.1
const CUT_SHARE = 0.2
const SLOW_SHARE = 0.02
const WRONG_CLOCK_SHARE = 0.05
const WRONG_BY_MS = 3_600_000
const LONGEST_DELAY_MS = 20
const SLOW_DELAY_MS = 120
const LONGEST_STAND_MS = 1_500
const QUOTA_TIMES = 3
/** Replicas need so long after a partition until they have the reports of all others. */
const SETTLE_SECONDS = 5
const EVENT_BYTES = 300

/** The mix of offers: a twentieth critical, eleven twentieths normal, the rest low. */
const PRIORITIES = [...Array.from({ length: 1 }, () => 1), ...Array.from({ length: 11 }, () => 5),
  ...Array.from({ length: 8 }, () => 10)] as readonly number[]

/** Whether a second has replicas that are cut off, or that have just come back. */
export function isCut (second: number, seconds: number): boolean {
  return second + 1 >= CUT[0] * seconds && second <= CUT[1] * seconds + SETTLE_SECONDS
}

export async function runFleet (options: FleetOptions): Promise<FleetRun> {
  const { replicas: count, seconds, seed, thresholds, quotaPerSecond, policies, sampleIntervalMs } = options
  const random = mulberry32(seed)
  const calendar = new Calendar()
  const queue = new SharedQueue(options.mostMembers)
  const figures = new FleetFigures(queue, thresholds)
  const quotas = { organizations: { acme: { eventsPerSecond: quotaPerSecond, burst: quotaPerSecond } } }
  const settingsOf = (name: string) => name === 'quotas' ? quotas : {}
  const world = { calendar, queue, figures, policies, settingsOf, thresholds, sampleIntervalMs, random }
  const endMs = seconds * 1_000
  const fleet: Replica[] = []
  const start = (id: number) => {
    const isSlow = random() < SLOW_SHARE
    const replica = new Replica({
      id,
      delayMs: isSlow ? SLOW_DELAY_MS : 0.5 + random() ** 3 * LONGEST_DELAY_MS,
      clockOffsetMs: random() < WRONG_CLOCK_SHARE ? (random() - 0.5) * 2 * WRONG_BY_MS : 0,
      clockSpeed: 1 + (random() - 0.5) * 2e-4
    }, world)
    fleet.push(replica)
    if (isSlow) standNowAndThen(replica, calendar, random, figures)
    return replica
  }
  const late = Math.floor(count * LATE_SHARE)
  for (let id = 0; id < count - late; id++) start(id)
  for (let id = count - late; id < count; id++) {
    calendar.at(endMs * JOIN_AT + random() * 1_000, () => { figures.joins(start(id), calendar.now) })
  }
  calendar.at(endMs * CUT[0], () => {
    for (const replica of fleet.slice(0, count * CUT_SHARE)) replica.isCutOff = true
  })
  calendar.at(endMs * CUT[1], () => {
    for (const replica of fleet.slice(0, count * CUT_SHARE)) {
      replica.isCutOff = false
      figures.joins(replica, calendar.now)
    }
  })
  const offers = PRIORITIES.map((priority) => eventOffer({ type: 'x', priority }, EVENT_BYTES))
  // Critical, so that the quota alone decides.
  const ofQuota = eventOffer({ type: 'x', priority: 1, organizationId: 'acme' }, EVENT_BYTES)
  let worked = 0
  let seen = 0
  while (calendar.now < endMs) {
    calendar.step()
    const post = (offer: Offer, events: number) => { fleet[Math.floor(random() * fleet.length)]!.post(offer, events) }
    const isCrowd = calendar.now >= endMs * CROWD[0] && calendar.now < endMs * CROWD[1]
    const perMs = options.capacityPerSecond * (isCrowd ? options.crowd : CALM_LOAD) * STEP_MS / 1_000
    for (let due = poisson(perMs * (1 - options.arrayShare), random); due > 0; due--) post(pick(offers, random), 1)
    for (let due = poisson(perMs * options.arrayShare / options.arrayEvents, random); due > 0; due--) {
      post(pick(offers, random), options.arrayEvents)
    }
    for (let due = poisson(QUOTA_TIMES * quotaPerSecond * STEP_MS / 1_000, random); due > 0; due--) post(ofQuota, 1)
    worked += options.capacityPerSecond * STEP_MS / 1_000
    queue.finish(Math.floor(worked))
    worked -= Math.floor(worked)
    for (; seen < queue.changes.length; seen++) figures.changed(queue.changes[seen]!, fleet)
    figures.look(calendar.now)
    // Answers about the circuit are promises of production, which go on in a later turn.
    await nextTurn()
  }
  return { figures, queue }
}

function standNowAndThen (replica: Replica, calendar: Calendar, random: Random, figures: FleetFigures): void {
  calendar.after(2_000 + random() * 8_000, () => {
    const forMs = random() * LONGEST_STAND_MS
    replica.stand(forMs)
    calendar.after(forMs + 1, () => { figures.joins(replica, calendar.now) })
    standNowAndThen(replica, calendar, random, figures)
  })
}

function pick<T> (items: readonly T[], random: Random): T {
  return items[Math.floor(random() * items.length)] as T
}

/** A number of arrivals with this mean (Knuth), in parts so that exp does not become 0. */
function poisson (mean: number, random: Random): number {
  let arrivals = 0
  for (let left = mean; left > 0; left -= 100) {
    const end = Math.exp(-Math.min(100, left))
    for (let product = random(); product > end; product *= random()) arrivals++
  }
  return arrivals
}

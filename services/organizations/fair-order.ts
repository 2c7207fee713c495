/*
 * The order of batches within a priority, so that the backlog of one organization does not delay the others:
 * self-clocked fair queueing (Golestani, INFOCOM 1994). Each batch gets a tag, and workers take the lowest:
 *
 *   start    max(now, finish of the flow)       now: the lowest tag that waits
 *   tag      start + charge of the first event
 *   finish   start + charge of all its events   charge: cost of the type / weight of the organization
 *
 *   flood    |128 |256 |384 |512 |640 …         a flow with a backlog has a finish far ahead,
 *   a, b, c  |1                                 and any other begins at the lowest tag that waits
 *
 * A flow is an organization, or a type within it. The types of an organization share its weight: the charge of an event
 * is multiplied by the number of types that have a backlog, so a flood gains nothing by many types.
 *
 * A batch may hold events of several flows, and has the last of their tags. So that none is held back by another,
 * events share a batch only if their tags are about equally far ahead of now: up to 16, 64, 256 and so on. So there are
 * few groups, and batches are full.
 *
 * Redis decides on the tag of a batch, for all processes together, and answers with what it has decided
 * (services/queue/bullmq/lua/order.lua). This class computes the same for the groups of this process, and for the
 * simulator.
 */
import { shortName } from './short-name.ts'

export type FairOrderMode = 'off' | 'organizations' | 'types'

/** The terms that operators and measurements set; they may change with each event. */
export interface FairTerms {
  readonly mode: () => FairOrderMode
  /** The service time of a type, as a multiple of the mean over all events. */
  readonly costOf: (type: string) => number
  /** Above 0. */
  readonly weightOf: (organizationId: string) => number
}

/** The events of one organization and priority, or of one type of it. */
export interface Flow {
  /** Its name in Redis. */
  readonly name: string
  /** The flows with events of the same organization. */
  readonly beside: ReadonlyMap<string, Flow>
  /** Where its next batch begins. */
  finish: number
  /** The least tag of its next batch: after that of the last one, which other flows of that batch may have raised. */
  floor: number
  /** Batches of this process that are not yet sent and have events of it. */
  waiting: number
}

/** The events of a flow in a batch. */
export interface Charge {
  readonly flow: Flow
  /** The charge of the first one. */
  readonly first: number
  /** The charge of all. */
  whole: number
}

/** An event, as far as the order depends on it. */
export interface Ordered {
  readonly type: string
  readonly organizationId?: string
}

/** Tags up to 16 ahead of now are one group: a full batch of a flow with a backlog is 128 ahead of the one before. */
const FIRST_GROUP_OCTAVES = 4
const GROUP_OCTAVES = 2
/** Tags of a rank are less than 2^32 apart. */
export const MOST_GROUPS = 16
/** The least charge of an event: scores of BullMQ tell tags apart that differ by it, in any rank. */
export const LEAST_CHARGE = 2 ** -10
/** An event is charged as much as a million at most, so that a few leave room for others in their rank. */
const MOST_CHARGE = 2 ** 20
/** Flows and organizations that are looked at with each event, to forget those without a backlog. */
const LOOKS = 2

interface Organization {
  readonly flows: Map<string, Flow>
  hand: Iterator<[string, Flow]> | undefined
}

/** The flows of one priority. */
interface Line {
  now: number
  readonly organizations: Map<string, Organization>
  hand: Iterator<[string, Organization]> | undefined
}

export class FairOrder {
  readonly #terms: FairTerms
  readonly #lines = new Map<number, Line>()
  readonly #others = new Map<number, FairOrder>()

  constructor (terms: FairTerms) {
    this.#terms = terms
  }

  /** Returns the order of a shard, which has tags of its own; this one is of the first. */
  of (shard: number): FairOrder {
    if (shard === 0) return this
    let order = this.#others.get(shard)
    if (order === undefined) this.#others.set(shard, order = new FairOrder(this.#terms))
    return order
  }

  get isOn (): boolean { return this.#terms.mode() !== 'off' }

  /** Returns the flow of an event. */
  flowOf (priority: number, { type, organizationId = '' }: Ordered): Flow {
    const line = this.#line(priority)
    let organization = line.organizations.get(organizationId)
    if (organization === undefined) {
      this.#forgetOrganizations(line)
      organization = { flows: new Map(), hand: undefined }
      line.organizations.set(organizationId, organization)
    }
    const key = this.#terms.mode() === 'types' ? type : ''
    let flow = organization.flows.get(key)
    if (flow === undefined) {
      const name = key === '' ? shortName(organizationId) : shortName(organizationId) + shortName(key)
      flow = { name, beside: organization.flows, finish: 0, floor: 0, waiting: 0 }
      organization.flows.set(key, flow)
    }
    this.#forgetFlows(organization, flow, line.now)
    return flow
  }

  /** Returns the work of an event, in events of mean service time. */
  workOf ({ type }: Ordered): number { return this.#terms.costOf(type) }

  /** Returns the charge of an event of a flow. */
  chargeOf ({ beside }: Flow, { type, organizationId = '' }: Ordered): number {
    const { costOf, weightOf } = this.#terms
    return Math.min(MOST_CHARGE, Math.max(LEAST_CHARGE, costOf(type) * beside.size / weightOf(organizationId)))
  }

  /** Returns the group of an event: events of one group may share a batch. */
  groupOf (priority: number, flow: Flow, charge: number): number {
    const { now } = this.#line(priority)
    const ahead = Math.max(0, flow.finish - now) + charge
    const octaves = Math.log2(ahead) - FIRST_GROUP_OCTAVES
    return octaves <= 0 ? 0 : Math.min(MOST_GROUPS - 1, Math.ceil(octaves / GROUP_OCTAVES))
  }

  /** Adds an event to the backlog of its flow. */
  advance (priority: number, flow: Flow, charge: number): void {
    flow.finish = Math.max(this.#line(priority).now, flow.finish) + charge
  }

  /** Returns the charges of the events of a batch, one for each flow. */
  chargesOf (priority: number, events: readonly Ordered[]): Charge[] {
    const charges = new Map<Flow, Charge>()
    for (const event of events) {
      const flow = this.flowOf(priority, event)
      const charge = this.chargeOf(flow, event)
      const known = charges.get(flow)
      if (known !== undefined) {
        known.whole += charge
        continue
      }
      // A flow that has no backlog yet would be forgotten with the next one.
      flow.waiting++
      charges.set(flow, { flow, first: charge, whole: charge })
    }
    for (const flow of charges.keys()) flow.waiting--
    return [...charges.values()]
  }

  /** Charges the flows of a batch, and returns its tag. */
  tag (priority: number, charges: readonly Charge[]): number {
    const { now } = this.#line(priority)
    let tag = now
    for (const { flow, first, whole } of charges) {
      const start = Math.max(now, flow.finish)
      tag = Math.max(tag, start + first, flow.floor)
      flow.finish = start + whole
    }
    for (const { flow } of charges) if (flow.finish < tag) flow.floor = tag + LEAST_CHARGE
    return tag
  }

  /** Follows the lowest tag that waits. Once nothing waits, all flows begin anew. */
  follow (priority: number, now: number, isEmpty = false): void {
    const line = this.#line(priority)
    if (isEmpty || now < line.now) this.#beginAnew(line)
    line.now = now
  }

  /** Takes in what Redis has decided about a batch: the lowest tag before it, and the finish of each of its flows. */
  observe (priority: number, charges: readonly Charge[], decided: readonly string[] = []): void {
    const [now, ...finishes] = decided.map(Number)
    if (now === undefined) return
    this.follow(priority, now)
    for (const [index, finish] of finishes.entries()) {
      const { flow } = charges[index] as Charge
      flow.finish = flow.waiting === 0 ? finish : Math.max(flow.finish, finish)
    }
  }

  #line (priority: number): Line {
    let line = this.#lines.get(priority)
    if (line === undefined) {
      line = { now: 0, organizations: new Map(), hand: undefined }
      this.#lines.set(priority, line)
    }
    return line
  }

  #beginAnew ({ organizations }: Line): void {
    for (const { flows } of organizations.values()) {
      for (const flow of flows.values()) {
        flow.finish = 0
        flow.floor = 0
      }
    }
  }

  #forgetOrganizations (line: Line): void {
    for (let looks = 0; looks < LOOKS; looks++) {
      line.hand ??= line.organizations.entries()
      const { done, value } = line.hand.next()
      if (done === true) {
        line.hand = undefined
        return
      }
      const [id, organization] = value
      const { flows } = organization
      if (flows.size === 1) for (const flow of flows.values()) if (isIdle(flow, line.now)) line.organizations.delete(id)
      if (flows.size > 1) this.#forgetFlows(organization, undefined, line.now)
    }
  }

  /** Forgets flows without a backlog, which are like new ones. */
  #forgetFlows (organization: Organization, except: Flow | undefined, now: number): void {
    if (organization.flows.size === 1) return
    for (let looks = 0; looks < LOOKS; looks++) {
      organization.hand ??= organization.flows.entries()
      const { done, value } = organization.hand.next()
      if (done === true) {
        organization.hand = undefined
        return
      }
      const [key, flow] = value
      if (flow !== except && isIdle(flow, now)) organization.flows.delete(key)
    }
  }
}

function isIdle ({ finish, floor, waiting }: Flow, now: number): boolean {
  return finish <= now && floor <= now && waiting === 0
}

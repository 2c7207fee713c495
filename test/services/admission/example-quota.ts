import type { Offer } from '../../../services/admission/offer.ts'
import type {
  Charge, FleetReading, FleetShare, Objection, Policy, PolicyContext, PolicyModule
} from '../../../services/admission/policy.ts'

/** Events that an organization may post in a window of time. */
const MOST_EVENTS = 3
const WINDOW_MS = 60_000

/** Organizations in a generation. */
const MOST_ORGANIZATIONS = 5_000

interface Tally {
  readonly window: number
  events: number
}

/**
 * A policy with a state, small enough to be copied: a quota of events for each organization.
 *
 * An organization that is charged joins the young generation. A full young generation becomes the old one, and the old
 * one is forgotten. An organization that is forgotten within a window gets its quota anew, so a flood of organizations
 * costs exactness and never memory.
 *
 * A window on one replica is no window of another: reports name it beside the organization.
 */
export class ExampleQuota implements Policy {
  readonly #now: () => number
  readonly #mostOrganizations: number
  #young = new Map<string, Tally>()
  #old = new Map<string, Tally>()
  /** Events of an organization in a window that were admitted elsewhere. */
  #elsewhere: FleetReading = new Map()

  constructor ({ now }: PolicyContext, mostOrganizations = MOST_ORGANIZATIONS) {
    this.#now = now
    this.#mostOrganizations = mostOrganizations
  }

  judge ({ organizationId }: Offer): Objection | undefined {
    if (organizationId === undefined) return undefined
    const now = this.#now()
    const window = Math.floor(now / WINDOW_MS)
    const tally = this.#young.get(organizationId) ?? this.#old.get(organizationId)
    const events = tally?.window === window ? tally.events : 0
    if (events + (this.#elsewhere.get(nameOf(window, organizationId)) ?? 0) < MOST_EVENTS) return undefined
    return { kind: 'quota', retry: { afterMs: (window + 1) * WINDOW_MS - now } }
  }

  admitted ({ organizationId }: Offer): Charge | undefined {
    if (organizationId === undefined) return undefined
    const tally = this.#tallyOf(organizationId)
    tally.events++
    return {
      // A refund goes to the tally of the charge, although another window may have begun since.
      settled: (outcome) => {
        if (outcome !== 'stored') tally.events--
      }
    }
  }

  report (): FleetShare {
    const window = Math.floor(this.#now() / WINDOW_MS)
    const counts = [...this.#old, ...this.#young].filter(([, tally]) => tally.window === window)
    return Object.fromEntries(counts.map(([organizationId, { events }]) => [nameOf(window, organizationId), events]))
  }

  observe (reading: FleetReading): void {
    this.#elsewhere = reading
  }

  reset (): void {
    this.#elsewhere = new Map()
    this.#young.clear()
    this.#old.clear()
  }

  #tallyOf (organizationId: string): Tally {
    const window = Math.floor(this.#now() / WINDOW_MS)
    const known = this.#young.get(organizationId) ?? this.#old.get(organizationId)
    const tally = known?.window === window ? known : { window, events: 0 }
    if (this.#young.size >= this.#mostOrganizations && !this.#young.has(organizationId)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(organizationId, tally)
    return tally
  }
}

function nameOf (window: number, organizationId: string): string {
  return `${window.toString(36)} ${organizationId}`
}

const exampleQuota: PolicyModule = {
  rank: 70,
  create: (context) => new ExampleQuota(context)
}

export default exampleQuota

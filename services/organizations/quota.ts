/*
 * Quotas as operators write them, and as admission reckons with them. An organization has its own values, and for those
 * that it does not have the ones of the default quota. Without both it has no quota.
 */
import { policyItem } from './rate-limit.ts'

/** The values of a quota; one that is absent limits nothing. */
export interface Quota {
  readonly eventsPerSecond?: number
  /** Events at once after a time without any; those of one second by default. */
  readonly burst?: number
  readonly bytesPerSecond?: number
}

/** The part of the settings about quotas. */
export interface QuotaSettings {
  /** Any mode but `true` admits events beyond a quota. */
  readonly mode?: string
  readonly enforcement?: 'hard' | 'soft'
  readonly whileAway?: 'strict' | 'loose'
  readonly default?: Quota
  readonly organizations?: Readonly<Record<string, Quota>>
}

/** One measure of a quota, in milliseconds of the whole quota. */
export interface Limit {
  /** The time in which the quota allows one more event or byte. */
  readonly intervalMs: number
  /** The time that the burst stands for. */
  readonly burstMs: number
}

/** The quota of an organization as admission reckons with it. */
export interface Terms {
  readonly events: Limit | undefined
  readonly bytes: Limit | undefined
  /** Events of the burst, or bytes if the quota limits only these. */
  readonly burst: number
  /** The item of a RateLimit header: `"org"`, or `"org-bytes"`. */
  readonly item: string
  /** The header RateLimit-Policy. */
  readonly policy: string
}

/** Returns the quota of an organization with these values of its own; undefined if it limits nothing. */
function mergedQuota (own: Quota | undefined, others: Quota = {}): Quota | undefined {
  const eventsPerSecond = own?.eventsPerSecond ?? others.eventsPerSecond
  const bytesPerSecond = own?.bytesPerSecond ?? others.bytesPerSecond
  // The default burst belongs to the default rate.
  const burst = own?.burst ?? (own?.eventsPerSecond === undefined ? others.burst : undefined) ?? eventsPerSecond
  if (eventsPerSecond === undefined && bytesPerSecond === undefined) return undefined
  return {
    ...(eventsPerSecond !== undefined && burst !== undefined && { eventsPerSecond, burst: Math.max(1, burst) }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond })
  }
}

/** Returns the quota that an organization has under these settings; undefined if it has none. */
export function quotaOf (
  { organizations = {}, default: usual }: QuotaSettings, organizationId: string
): Quota | undefined {
  return mergedQuota(Object.hasOwn(organizations, organizationId) ? organizations[organizationId] : undefined, usual)
}

/** Returns the terms of a quota; undefined if it limits nothing. */
function termsOf (own: Quota | undefined, others?: Quota): Terms | undefined {
  const { eventsPerSecond, bytesPerSecond, burst } = mergedQuota(own, others) ?? {}
  const bytes = bytesPerSecond === undefined ? undefined : limitOf(bytesPerSecond, bytesPerSecond)
  if (eventsPerSecond !== undefined && burst !== undefined) {
    const events = limitOf(eventsPerSecond, burst)
    return { events, bytes, burst, item: '"org"', policy: policyItem('org', burst, events.burstMs) }
  }
  if (bytes === undefined || bytesPerSecond === undefined) return undefined
  const policy = `${policyItem('org-bytes', bytesPerSecond, bytes.burstMs)};qu="content-bytes"`
  return { events: undefined, bytes, burst: bytesPerSecond, item: '"org-bytes"', policy }
}

function limitOf (perSecond: number, burst: number): Limit {
  return { intervalMs: 1_000 / perSecond, burstMs: burst * 1_000 / perSecond }
}

/** The terms of all organizations under one version of the settings. */
export class TermsBook {
  readonly settings: QuotaSettings
  readonly default: Terms | undefined
  readonly #own: ReadonlyMap<string, Terms | undefined>

  constructor (settings: QuotaSettings) {
    this.settings = settings
    this.default = termsOf(settings.default)
    this.#own = new Map(Object.entries(settings.organizations ?? {}).map(([id, own]) =>
      [id, termsOf(own, settings.default)]))
  }

  /** Whether nobody has a quota. */
  get isEmpty (): boolean { return this.default === undefined && this.#own.size === 0 }

  /** Whether an organization has values of its own. */
  isNamed (organizationId: string): boolean { return this.#own.has(organizationId) }

  of (organizationId: string): Terms | undefined {
    const own = this.#own.get(organizationId)
    return own === undefined && !this.#own.has(organizationId) ? this.default : own
  }
}

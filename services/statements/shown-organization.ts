import { rounded } from '../admission/rate.ts'
import type { FairShares } from '../admission/signals.ts'
import { weightOf } from '../organizations/fair-weight.ts'
import { quotaOf, type Quota, type QuotaSettings } from '../organizations/quota.ts'
import type { Statement } from './statement.ts'

/** The facts that the figures of an organization are shown with. */
export interface Circumstances {
  readonly settings: Readonly<Record<string, unknown>>
  /** Undefined while fair shares are off or the queue is under no pressure. */
  readonly fairShares: FairShares | undefined
  /** Events in the queue, retries that are not due among them; no organization has more. */
  readonly queued: number
}

type Cause = 'load' | 'fairShare' | 'deadline' | 'quota' | 'forbidden' | 'invalid'

/** An organization as routes, the dashboard and the command show it. Rates are those of all replicas, per second. */
export interface ShownOrganization {
  readonly organizationId: string
  readonly offeredPerSecond: number
  readonly admittedPerSecond: number
  readonly shedPerSecond: number
  readonly quotaRefusedPerSecond: number
  /** The refused events by their causes. */
  readonly refusedPerSecond: Readonly<Record<Cause, number>>
  readonly queued: number
  readonly weight: number
  /** In events of mean service time per second; null while the service keeps organizations to no share. */
  readonly share: number | null
  readonly quota: Quota | null
  /** Null if the organization has no statement: it posts too little, or nothing. */
  readonly ledger: ShownLedger | null
}

/** The statement of an organization, in events. */
export interface ShownLedger {
  readonly since: string
  readonly bookedAt: string
  readonly received: number
  readonly enqueued: number
  readonly spooled: number
  readonly duplicate: number
  readonly shed: number
  readonly wouldExpire: number
  readonly quota: number
  readonly forbidden: number
  readonly invalid: number
  readonly sampled: number
  /** The fate of those in the queue. */
  readonly queue: Readonly<Record<'returned' | 'done' | 'deadLettered' | 'expired' | 'adjusted', number>>
}

export function shownOrganization (
  organizationId: string, statement: Statement | undefined, { settings, fairShares, queued }: Circumstances
): ShownOrganization {
  const weight = weightOf(settings, organizationId)
  const level = fairShares?.level ?? Infinity
  return {
    organizationId,
    ...ratesOf(statement),
    queued: Math.min(queued, Math.max(0, statement?.queued ?? 0)),
    weight,
    share: level === Infinity ? null : rounded(level * weight),
    quota: quotaOf((settings.quotas ?? {}) as QuotaSettings, organizationId) ?? null,
    ledger: statement === undefined ? null : shownLedger(statement)
  }
}

type Rates = Pick<ShownOrganization,
  'offeredPerSecond' | 'admittedPerSecond' | 'shedPerSecond' | 'quotaRefusedPerSecond' | 'refusedPerSecond'>

export function ratesOf (statement: Statement | undefined): Rates {
  const rate = (...fields: (keyof Statement['perSecond'])[]) =>
    rounded(fields.reduce((sum, field) => sum + (statement?.perSecond[field] ?? 0), 0))
  return {
    offeredPerSecond: rate('received'),
    admittedPerSecond: rate('enqueued', 'spooled', 'duplicate', 'sampled'),
    shedPerSecond: rate('shed', 'wouldExpire'),
    quotaRefusedPerSecond: rate('quota'),
    refusedPerSecond: {
      load: rounded((statement?.perSecond.shed ?? 0) - (statement?.perSecond.overShare ?? 0)),
      fairShare: rate('overShare'),
      deadline: rate('wouldExpire'),
      quota: rate('quota'),
      forbidden: rate('forbidden'),
      invalid: rate('invalid')
    }
  }
}

export function shownLedger ({ sinceMs, bookedMs, counts }: Statement): ShownLedger {
  const {
    received, enqueued, spooled, duplicate, shed, wouldExpire, quota, forbidden, invalid, sampled,
    returned, done, deadLettered, expired, adjusted
  } = counts
  return {
    since: new Date(sinceMs).toISOString(),
    bookedAt: new Date(bookedMs).toISOString(),
    received, enqueued, spooled, duplicate, shed, wouldExpire, quota, forbidden, invalid, sampled,
    queue: { returned, done, deadLettered, expired, adjusted }
  }
}

import type { Account } from '../../organizations/account.ts'
import { OrganizationQuotas } from '../../organizations/organization-quotas.ts'
import type { QuotaSettings } from '../../organizations/quota.ts'
import type { Offer } from '../offer.ts'
import type { Charge, FleetReading, FleetShare, Objection, Policy, PolicyContext, PolicyModule } from '../policy.ts'
import type { NearQuotas, RateLimit } from '../quota-standing.ts'
import type { Load } from '../signals.ts'

/** The organization of events that name none and come without a key. */
const NAMELESS = ''

/**
 * An organization has used up its quota, on all replicas together. A hard quota refuses at any load; a soft one only
 * while the queue is above its warning threshold, or while nobody knows whether it is.
 */
export class QuotaExceeded implements Policy {
  readonly #quotas: OrganizationQuotas
  /** The offer that was judged last with the account found for it: the same offer is charged next. */
  #judged: Offer | undefined
  #account: Account | undefined
  #at = 0
  /** Whether its judgement has counted it as demand. */
  #isCounted = false

  constructor ({ now, settings }: PolicyContext<QuotaSettings>, mostPlaces?: number) {
    this.#quotas = new OrganizationQuotas({ now, settings }, mostPlaces)
  }

  judge (offer: Offer, load: Load): Objection | undefined {
    const quotas = this.#quotas
    if (!quotas.follow() || offer.isInternal) return undefined
    const organizationId = organizationOf(offer)
    if (organizationId === undefined) return undefined
    const now = quotas.now()
    const account = quotas.accountOf(organizationId, now)
    this.#judged = offer
    this.#account = account
    this.#at = now
    this.#isCounted = false
    const waitMs = account === undefined ? 0 : quotas.waitMs(account, now)
    if (account === undefined || waitMs <= 0) return undefined
    if (quotas.settings.enforcement === 'soft' && !isPressed(load)) return undefined
    quotas.refuse(account, offer.stage === 'event' ? offer.bytes : 0, now)
    this.#isCounted = true
    return { kind: 'quota', retry: { afterMs: Math.ceil(waitMs) }, rateLimitPolicy: account.terms.policy }
  }

  admitted (offer: Offer): Charge | undefined {
    const quotas = this.#quotas
    const isJudged = this.#judged === offer
    if (!isJudged && !quotas.follow()) return undefined
    const organizationId = organizationOf(offer) ?? NAMELESS
    const now = isJudged ? this.#at : quotas.now()
    const account = isJudged ? this.#account : quotas.accountOf(organizationId, now)
    this.#judged = undefined
    const { enforcement, mode = 'true' } = quotas.settings
    return quotas.charge(organizationId, account, offer.bytes, now, {
      isEnforced: mode === 'true' && enforcement !== 'soft', isCounted: isJudged && this.#isCounted
    })
  }

  report (): FleetShare { return this.#quotas.report() }

  sent (report: FleetShare): void { this.#quotas.sent(report) }

  observe (reading: FleetReading, others = reading.size > 0 ? 1 : 0): void {
    this.#quotas.observe(reading, others)
  }

  rateLimit (organizationId: string | undefined, pressure: number): RateLimit | undefined {
    return this.#quotas.rateLimit(organizationId ?? NAMELESS, 1 - pressure)
  }

  near (): NearQuotas { return this.#quotas.near }

  reset (): void {
    this.#quotas.reset()
    this.#judged = undefined
  }
}

/** The organization of an offer; undefined at the head of a request that may hold events of any. */
function organizationOf ({ stage, organizationId, producer }: Offer): string | undefined {
  return producer.organizationId ?? organizationId ?? (stage === 'head' ? undefined : NAMELESS)
}

function isPressed ({ signals: { isDepthKnown, thresholds }, depth }: Load): boolean {
  return !isDepthKnown || depth >= thresholds.warning
}

const quotaExceeded: PolicyModule = {
  rank: 5,
  kind: 'quota',
  part: 'quotas',
  create: (context) => new QuotaExceeded(context as PolicyContext<QuotaSettings>)
}

export default quotaExceeded

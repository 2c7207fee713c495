/** The headers of an answer about the quota of an organization. */
export interface RateLimit {
  /** RateLimit-Policy. */
  readonly policy: string
  /** RateLimit. */
  readonly limit: string
}

/** An organization that offers much of its quota, on all replicas together. */
export interface NearQuota {
  readonly organizationId: string
  /** Its offers as a share of the quota; above 1 for an organization that exceeds it. */
  readonly share: number
}

/** Organizations near their quotas or above them. */
export interface NearQuotas {
  readonly count: number
  /** A hundred of them at most. */
  readonly named: readonly NearQuota[]
}

export const NOBODY_NEAR: NearQuotas = Object.freeze({ count: 0, named: [] })

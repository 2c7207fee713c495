/** The part of the settings that may have weights; quotas and weights of an organization are set together. */
interface Weighted {
  readonly default?: { readonly weight?: number }
  readonly organizations?: Readonly<Record<string, { readonly weight?: number }>>
}

const USUAL_WEIGHT = 1

/** Returns the weight of an organization, to which its share of the capacity is proportional. */
export function weightOf (settings: Readonly<Record<string, unknown>>, organizationId: string): number {
  const { organizations = {}, default: usual } = (settings.quotas ?? {}) as Weighted
  const own = Object.hasOwn(organizations, organizationId) ? organizations[organizationId]?.weight : undefined
  return own ?? usual?.weight ?? USUAL_WEIGHT
}

import type { QuotaSettings } from '../organizations/quota.ts'
import {
  ratesOf, shownLedger, shownOrganization, type Circumstances, type ShownLedger, type ShownOrganization
} from './shown-organization.ts'
import type { StatementStore } from './statement-store.ts'

export interface OrganizationFiguresOptions {
  readonly store: Pick<StatementStore, 'find' | 'top'>
  /** Milliseconds of the clock of Redis. */
  readonly now: () => number
  readonly circumstances: () => Circumstances
}

export interface OrganizationList {
  readonly asOf: string
  readonly organizations: readonly ShownOrganization[]
  readonly others?: ReturnType<typeof ratesOf> & { readonly ledger: ShownLedger | null }
}

/** Reads the figures of organizations; its cost depends on the number of those that are shown alone. */
export class OrganizationFigures {
  readonly #options: OrganizationFiguresOptions

  constructor (options: OrganizationFiguresOptions) {
    this.#options = options
  }

  /**
   * Returns the organizations with the largest offers.
   *
   * @param within the only organization that the asking producer may see, if there is one
   */
  async list (most: number, within: string | undefined): Promise<OrganizationList> {
    const { store, now, circumstances } = this.#options
    const nowMs = now()
    const asOf = new Date(nowMs).toISOString()
    if (within !== undefined) {
      return { asOf, organizations: [shownOrganization(within, await store.find(within, nowMs), circumstances())] }
    }
    const { top, others } = await store.top(most, nowMs)
    const shownWith = circumstances()
    return {
      asOf,
      organizations: top.map(({ organizationId: id, statement }) => shownOrganization(id, statement, shownWith)),
      others: { ...ratesOf(others), ledger: others === undefined ? null : shownLedger(others) }
    }
  }

  /** Returns one organization; undefined if the service does not know it, or the producer may not see it. */
  async get (
    organizationId: string, within: string | undefined
  ): Promise<(ShownOrganization & { readonly asOf: string }) | undefined> {
    const { store, now, circumstances } = this.#options
    if (within !== undefined && within !== organizationId) return undefined
    const nowMs = now()
    const statement = await store.find(organizationId, nowMs)
    const shownWith = circumstances()
    const { organizations = {} } = (shownWith.settings.quotas ?? {}) as QuotaSettings
    const isKnown = statement !== undefined || within !== undefined || Object.hasOwn(organizations, organizationId)
    return isKnown
      ? { asOf: new Date(nowMs).toISOString(), ...shownOrganization(organizationId, statement, shownWith) }
      : undefined
  }
}

/** @import { Organization } from '../contract.d.ts' */
/** @import { Session } from '../session.js' */
import { byId, element, renderWhenChanged, setText } from '../element.js'
import { formatCount, formatRate } from '../figures/format.js'
import { organizationName, quotaText, refusedRate, refusedWhy } from '../figures/organization.js'

const LISTED = 10
const REFRESH_MS = 2_000
const NOTE = 'of all replicas, the largest offer first'

/** The organizations that post most, on all replicas; hidden while no organization has a name. */
export class OrganizationsPanel {
  #session
  #askedAt = -Infinity
  #isAsking = false

  /** @param {Session} session */
  constructor (session) {
    this.#session = session
  }

  /** Call this with each message of the stream, so that a hidden or disconnected page sends no requests. */
  async refresh (now = performance.now()) {
    if (this.#isAsking || now - this.#askedAt < REFRESH_MS) return
    this.#askedAt = now
    this.#isAsking = true
    try {
      const { organizations } = await this.#session.json(`/api/v1/organizations?limit=${LISTED}`)
      setText(byId('organizations-note'), NOTE)
      this.#show(organizations)
    } catch (error) {
      setText(byId('organizations-note'), /** @type {Error} */ (error).message)
    } finally {
      this.#isAsking = false
    }
  }

  /** @param {Organization[]} organizations */
  #show (organizations) {
    byId('organizations').hidden = organizations.every(({ organizationId }) => organizationId === '')
    const rows = organizations.map((organization) => {
      const { organizationId, offeredPerSecond, admittedPerSecond, share, weight, queued } = organization
      return {
        name: organizationName(organizationId),
        offered: formatRate(offeredPerSecond),
        admitted: formatRate(admittedPerSecond),
        refused: formatRate(refusedRate(organization)),
        why: refusedWhy(organization) ?? '',
        share: share === null ? '–' : formatRate(share),
        weight: weight === 1 ? undefined : `weight ${weight}`,
        quota: quotaText(organization),
        queued: formatCount(queued)
      }
    })
    renderWhenChanged(byId('organizations-rows'), rows, () => rows.map((row) => element('tr', {},
      element('th', { scope: 'row', class: 'break' }, row.name),
      element('td', { class: 'number' }, row.offered),
      element('td', { class: 'number' }, row.admitted),
      element('td', { class: 'number' }, row.refused),
      element('td', { class: 'wide' }, row.why),
      element(
        'td',
        { class: 'number wide' },
        row.share,
        row.weight !== undefined && element('span', { class: 'why' }, row.weight)
      ),
      element('td', { class: 'number wide nowrap' }, row.quota),
      element('td', { class: 'number' }, row.queued))))
  }
}

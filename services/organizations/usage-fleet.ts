import type { Shares } from '../fleet/share.ts'
import type { Work } from './usage.ts'

/** The parts of a report: work per second by organization, and of all together. */
const NAMED = 'work'
const TOTAL = 'work-total'
const ALL = ''

/** Returns the work at this replica for the others. The record may have room for the largest organizations only. */
export function workReport ({ byOrganization, rest }: Work): Shares {
  const named = [...byOrganization].map(([id, perSecond]) => [id, shortened(perSecond)] as const)
  const total = [...byOrganization.values()].reduce((sum, perSecond) => sum + perSecond, rest)
  return { [NAMED]: Object.fromEntries(named), [TOTAL]: { [ALL]: shortened(total) } }
}

/** Adds the work that other replicas have told to that of this one. Work that they did not name counts as the rest. */
export function mergedWork (own: Work, reports: readonly Shares[]): Work {
  if (reports.length === 0) return own
  const byOrganization = new Map(own.byOrganization)
  let { rest } = own
  for (const { [NAMED]: named = {}, [TOTAL]: total = {} } of reports) {
    let unnamed = countOf(total[ALL])
    for (const [id, value] of Object.entries(named)) {
      const perSecond = countOf(value)
      unnamed -= perSecond
      byOrganization.set(id, (byOrganization.get(id) ?? 0) + perSecond)
    }
    rest += Math.max(0, unnamed)
  }
  return { byOrganization, rest }
}

/** Four digits are enough to share by, and leave room for more organizations. */
function shortened (value: number): number {
  return Number(value.toPrecision(4))
}

function countOf (value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) && value > 0 ? value : 0
}

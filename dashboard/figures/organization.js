/** @import { Organization } from '../contract.d.ts' */
import { formatCount, formatRate } from './format.js'

/** @type {Readonly<Record<keyof Organization['refusedPerSecond'], string>>} */
const CAUSES = {
  load: 'load',
  fairShare: 'above its share',
  deadline: 'deadline',
  quota: 'quota',
  forbidden: 'no right',
  invalid: 'invalid'
}

/**
 * Returns the name of an organization as people read it.
 *
 * @param {string} organizationId empty for all events that name none
 */
export function organizationName (organizationId) {
  return organizationId === '' ? 'without a name' : organizationId
}

/**
 * Returns the events of an organization that are refused, per second.
 *
 * @param {Pick<Organization, 'refusedPerSecond'>} organization
 */
export function refusedRate ({ refusedPerSecond }) {
  return Object.values(refusedPerSecond).reduce((sum, rate) => sum + rate, 0)
}

/**
 * Says why events of an organization are refused, the most frequent cause first; undefined if none is.
 *
 * @param {Pick<Organization, 'refusedPerSecond'>} organization
 */
export function refusedWhy ({ refusedPerSecond }) {
  const causes = /** @type {[keyof typeof CAUSES, number][]} */ (Object.entries(refusedPerSecond))
    .filter(([, rate]) => rate > 0).toSorted(([, one], [, other]) => other - one)
  if (causes.length === 0) return undefined
  if (causes.length === 1) return CAUSES[causes[0]?.[0] ?? 'load']
  return causes.map(([cause, rate]) => `${CAUSES[cause]} ${formatRate(rate)}`).join(', ')
}

/**
 * Returns the quota of an organization in a few words.
 *
 * @param {Pick<Organization, 'quota'>} organization
 */
export function quotaText ({ quota }) {
  if (quota === null) return 'none'
  const { eventsPerSecond, bytesPerSecond } = quota
  return eventsPerSecond === undefined ? `${formatCount(bytesPerSecond ?? 0)} B/s` : `${formatCount(eventsPerSecond)}/s`
}

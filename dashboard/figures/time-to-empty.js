/** @import { PriorityClass, State } from '../contract.d.ts' */
import { formatRoughDuration } from './format.js'

/**
 * Says when nothing of a class and of better ones is left in the queue; undefined if none is in it, or if that is
 * unknown.
 *
 * @param {Pick<State, 'timeToEmptyMs' | 'problems'>} state
 * @param {PriorityClass} name
 * @param {number | null} depth of the class
 */
export function emptyText ({ timeToEmptyMs, problems }, name, depth) {
  if (depth === null || depth === 0) return undefined
  if (problems.some(({ stops }) => stops === 'all')) return 'not draining'
  if (timeToEmptyMs === null) return undefined
  const ms = timeToEmptyMs[name]
  return ms === null ? 'not draining' : `empty in ${formatRoughDuration(ms / 1_000)}`
}

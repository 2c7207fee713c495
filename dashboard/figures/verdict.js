/** @import { Decision } from '../contract.d.ts' */
import { meaningOf } from './reason.js'

/**
 * Says in a word what would happen to a new event of a class now, and why if that is not obvious.
 *
 * @param {Decision} decision
 * @param {{ isForced: boolean, isKnown: boolean }} circumstances `isForced` while everything is admitted regardless of
 *   the decision, `isKnown` while the queue can be read
 * @returns {{ tone: 'yes' | 'no' | 'maybe', word: string, why?: string }}
 */
export function verdictOf (decision, { isForced, isKnown }) {
  if (decision.admitted) {
    if (decision.route === 'spool') {
      return { tone: 'maybe', word: 'spooled', why: 'kept on the local disk until the queue accepts it' }
    }
    if (isKnown) return { tone: 'yes', word: 'admitted' }
    return { tone: 'maybe', word: 'tried', why: 'refused unless the queue accepts it' }
  }
  const meaning = meaningOf(decision.reason)
  const why = meaning === undefined ? decision.reason : `${decision.reason}: ${meaning}`
  if (!isForced) return { tone: 'no', word: 'refused', why }
  return { tone: isKnown ? 'yes' : 'maybe', word: `${isKnown ? 'admitted' : 'tried'}, would be refused`, why }
}

/** @import { Decision } from '../contract.d.ts' */
import { meaningOf } from './reason.js'

/**
 * Answers how a new event of a class would fare now, in a word, and why where that is not plain.
 *
 * @param {Decision} decision
 * @param {{ isForced: boolean, isKnown: boolean }} circumstances `isForced` while everything is admitted whatever is
 *   decided, `isKnown` while the queue can be read
 * @returns {{ tone: 'yes' | 'no' | 'maybe', word: string, why?: string }}
 */
export function verdictOf (decision, { isForced, isKnown }) {
  if (decision.admitted) {
    if (decision.route === 'spool') {
      return { tone: 'maybe', word: 'spooled', why: 'kept on the local disk until the queue takes it' }
    }
    if (isKnown) return { tone: 'yes', word: 'admitted' }
    return { tone: 'maybe', word: 'tried', why: 'refused unless the queue takes it all the same' }
  }
  const meaning = meaningOf(decision.reason)
  const why = meaning === undefined ? decision.reason : `${decision.reason}: ${meaning}`
  if (!isForced) return { tone: 'no', word: 'refused', why }
  return { tone: isKnown ? 'yes' : 'maybe', word: `${isKnown ? 'admitted' : 'tried'}, would be refused`, why }
}

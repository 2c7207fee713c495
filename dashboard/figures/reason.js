/** The meaning of each reason to refuse, for someone who has not read the documents. @type {Record<string, string>} */
const MEANINGS = {
  'low-priority-shed': 'low priority gives way',
  'pre-shed': 'a forecast sees the queue fill up',
  'circuit-open': 'the circuit is open',
  'queue-bytes': 'Redis holds too many bytes',
  'queue-full': 'the queue is full',
  'queue-unavailable': 'the queue is out of reach',
  'process-overloaded': 'this process is overloaded',
  'bodies-in-flight': 'too many large bodies at once',
  'spool-unavailable': 'the local disk takes nothing',
  'too-many-streams': 'there are too many streams'
}

/**
 * @param {string} reason as the API answers it
 * @returns {string | undefined} nothing for a reason that this page does not know
 */
export function meaningOf (reason) {
  return Object.hasOwn(MEANINGS, reason) ? MEANINGS[reason] : undefined
}

/** Explains each reason for a refusal to people who have not read the documents. @type {Record<string, string>} */
const MEANINGS = {
  'low-priority-shed': 'low priority is shed first',
  'smooth-shed': 'a share of the load is shed',
  'fair-share': 'the organization posts more than its share',
  'pre-shed': 'the forecast expects a full queue',
  'circuit-open': 'the circuit is open',
  'would-expire': 'the deadline would pass in the queue',
  'delay-budget': 'normal events may not wait longer',
  'queue-bytes': 'Redis holds too many bytes',
  'queue-full': 'the queue is full',
  'queue-unavailable': 'the queue is out of reach',
  'process-overloaded': 'this process is overloaded',
  'bodies-in-flight': 'too many large bodies at once',
  'spool-unavailable': 'the local disk accepts nothing',
  'too-many-streams': 'there are too many streams',
  'priority-ceiling': 'the key may not post this priority',
  'type-not-allowed': 'the key may not post this type',
  'quota-exceeded': 'the quota of the organization is used up',
  'organization-mismatch': 'the key belongs to another organization'
}

/**
 * @param {string} reason from the API
 * @returns {string | undefined} undefined for an unknown reason
 */
export function meaningOf (reason) {
  return Object.hasOwn(MEANINGS, reason) ? MEANINGS[reason] : undefined
}

const MEMBER = ',"payload":'

/**
 * The payload out of the text of an answer, for people: indented, unless that would show other numbers or names than
 * were posted, as JSON.parse rounds large numbers and drops repeated names.
 *
 * @param {string} answer an object whose last member is the payload
 */
export function prettyPayload (answer) {
  // In a string each quote has a backslash before it, so the first place is that of the member.
  const start = answer.indexOf(MEMBER)
  if (start === -1) return 'This event has no payload.'
  const text = answer.slice(start + MEMBER.length, answer.lastIndexOf('}'))
  const value = JSON.parse(text)
  return JSON.stringify(value) === text ? JSON.stringify(value, null, 2) : text
}

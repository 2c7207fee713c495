const MEMBER = ',"payload":'

/**
 * Returns the payload in the text of an answer, indented for people. JSON.parse rounds large numbers and drops repeated
 * names: if indentation would change the payload, it stays as posted.
 *
 * @param {string} answer an object whose last member is the payload
 */
export function prettyPayload (answer) {
  // A quote inside a string has a backslash before it, so the first match is the member.
  const start = answer.indexOf(MEMBER)
  if (start === -1) return 'This event has no payload.'
  const text = answer.slice(start + MEMBER.length, answer.lastIndexOf('}'))
  const value = JSON.parse(text)
  return JSON.stringify(value) === text ? JSON.stringify(value, null, 2) : text
}

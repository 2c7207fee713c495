/* Pure judgements on answers and on the output of the service. */
import type { Check } from './findings.ts'
import type { Received } from './received.ts'

export interface Violation {
  readonly check: Check
  readonly what: string
}

/** Controls, marks of bidirectional text and line separators, which steer terminals or forge lines. */
// oxlint-disable-next-line no-control-regex
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u
const UNKNOWN_EVENT = /"status":"unknown"/
/** The only other documented 5xx: 501 to a level of durability that this Redis cannot reach. */
const UNSUPPORTED = /"type":"urn:spillway:problem:durability-unsupported"/
/** The job browser is a program of others behind the guard, with errors in a form of its own. */
const JOB_BROWSER = /^[A-Z]+ \/+admin\/queues\//
const SHORT = 200
const FATAL = 60
/** Lines of the log that only a fault of the service itself writes. */
const DISORDERS = new Set(['uncaught-error', 'shutdown-broken-off', 'request-failed'])

/**
 * Judges an answer: a 5xx is one of those documented and says its reason, an error is a problem document of its own
 * status, and no answer shows a secret.
 */
export function judgeAnswer (
  { status, head, body }: Received, secrets: readonly string[], request: string
): Violation[] {
  const violations: Violation[] = []
  const example = `${status} to ${printable(request)}: ${printable(body)}`
  const isProblem = /^content-type: application\/problem\+json/im.test(head)
  if (status >= 500 && !(status === 503 && isProblem) && !UNSUPPORTED.test(body))
    violations.push({ check: 'server-error', what: example })
  // An answer to HEAD has no body, and the receipt of an unknown event is no problem document.
  const isStated = JOB_BROWSER.test(request)
    ? parsed(body)?.statusCode === status || isProblem
    : isProblem && parsed(body)?.status === status
  if (status >= 400 && body !== '' && !UNKNOWN_EVENT.test(body) && !isStated)
    violations.push({ check: 'problem', what: example })
  for (const secret of secrets) {
    if (head.includes(secret) || body.includes(secret)) violations.push({ check: 'secret', what: example })
  }
  return violations
}

/** Judges the whole output of the service: JSON lines without steering characters, disorders and secrets. */
export function judgeOutput (stdout: string, stderr: string, secrets: readonly string[]): Violation[] {
  const violations: Violation[] = []
  for (const line of stdout.split('\n')) {
    if (line === '') continue
    const entry = parsed(line)
    if (entry === undefined || STEERING.test(line)) violations.push({ check: 'output', what: printable(line) })
    else if (DISORDERS.has(String(entry.event)) || Number(entry.level) >= FATAL)
      violations.push({ check: 'rejection', what: printable(line) })
  }
  if (stderr !== '') violations.push({ check: 'rejection', what: printable(stderr) })
  for (const secret of secrets) {
    if (stdout.includes(secret) || stderr.includes(secret))
      violations.push({ check: 'secret', what: `the output holds ${secret}` })
  }
  return violations
}

/** Reports text for a terminal that holds characters which steer it. Tabs and line feeds are allowed. */
export function steeringIn (text: string): string | undefined {
  const found = STEERING.exec(text)
  return found === null ? undefined : printable(text.slice(Math.max(0, found.index - 40), found.index + 40))
}

/** Shortens a text and escapes what would steer a terminal. */
export function printable (text: string): string {
  return JSON.stringify(text.slice(0, SHORT)).replace(/[^\u0020-\u007e]/g, '?')
}

function parsed (line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

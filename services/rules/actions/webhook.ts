import { validateHeaderName, validateHeaderValue } from 'node:http'
import { Type } from '@sinclair/typebox'
import { post, findUrlProblem } from '../../delivery/post.ts'
import { payloadTextOf } from '../../event/event-json.ts'
import { withMember } from '../../event/json-text.ts'
import { defineAction } from '../action.ts'
import { DONE, EXPIRED, interrupted } from '../../event/outcome.ts'

const DEFAULT_TIMEOUT_MS = 10_000

/** Enough to keep the connection for the next call; a longer answer is cut off with the connection. */
const MAX_ANSWER_BYTES = 65_536

/** The call sets these headers itself; a second length would allow request smuggling. */
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])

/** Posts the event to an address; retries after any answer but 2xx. */
export default defineAction(Type.Object({
  url: Type.String(),
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 300_000 }))
}, { additionalProperties: false }), ({ url, headers = {}, timeoutMs = DEFAULT_TIMEOUT_MS }, preparation) => {
  const { path, report, services: { outbound } } = preparation
  const problem = findUrlProblem(url) ?? outbound.problemOf(url)
  if (problem !== undefined) report(`${path}.url`, problem)
  for (const [name, value] of Object.entries(headers)) {
    if (!isHeader(name, value)) report(`${path}.headers`, `${JSON.stringify(name)} is not a header that can be sent`)
  }

  return async ({ event, data, ruleId, signal, hasExpired }) => {
    const result = await post(url, {
      headers: { 'content-type': 'application/json', ...event.trace, ...lowerCased(headers) },
      body: withMember(JSON.stringify({ ...data, payload: undefined, ruleId }), 'payload', payloadTextOf(event)),
      signal,
      timeoutMs,
      ...(event.expiresAt !== undefined && { isOverdue: () => hasExpired(event) }),
      maxAnswerBytes: MAX_ANSWER_BYTES,
      outbound
    })
    if (result.kind === 'overdue') return EXPIRED
    if (result.kind === 'interrupted') return interrupted(signal)
    if (result.kind === 'failed') return { status: 'retry', reason: `webhook failed: ${result.reason}` }
    const isSuccess = result.status >= 200 && result.status < 300
    return isSuccess ? DONE : { status: 'retry', reason: `webhook answered ${result.status}` }
  }
})

function isHeader (name: string, value: string): boolean {
  if (FRAMING.has(name.toLowerCase())) return false
  try {
    // Without these checks each call would fail, and look like a missing answer.
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return true
  } catch {
    return false
  }
}

/** A `Content-Type` of the rule then replaces the default instead of being joined to it. */
function lowerCased (headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

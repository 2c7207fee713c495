/*
 * The trace that an event belongs to, in the words of W3C Trace Context: `00-<trace id>-<parent span id>-<flags>`, and what vendors
 * keep beside it. It travels with the event as it came; only a span of ours takes the place of the parent.
 */
import { Type, type Static } from '@sinclair/typebox'
import type { RequestHeaders } from './request-headers.ts'

/** A valid traceparent of version 00, and its tracestate if there is one. */
export const TraceContextSchema = Type.Object({
  traceparent: Type.Readonly(Type.String()),
  tracestate: Type.Readonly(Type.Optional(Type.String()))
})

export type TraceContext = Static<typeof TraceContextSchema>

/** The form of nearly all: nothing has to be taken apart, which costs several times as much. */
const PRESENT_VERSION = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** Version ff is invalid; a later one than 00 may have more behind a further hyphen. */
const LATER_VERSION = /^(?!ff|00)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

const TRACE_ID_START = 3
const TRACE_ID_END = 35
const FLAGS_START = 53
const SAMPLED = 1

/** Everybody has to pass on at least 512 characters; more than this is not stored with every event. */
const MOST_STATE_CHARACTERS = 1_024
const MOST_STATE_MEMBERS = 32
/** The characters that a header may hold: an attribute of a CloudEvent, the other source, could hold any. */
const STATE_CHARACTERS = /^[\t\x20-\x7e]+$/
const STATE_KEY = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/
const STATE_VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/** The context that these two say; undefined when the first is absent or invalid. An invalid tracestate is left out. */
export function traceContext (traceparent: unknown, tracestate?: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string') return undefined
  const known = PRESENT_VERSION.test(traceparent) ? traceparent : fromLaterVersion(traceparent)
  if (known === undefined) return undefined
  return typeof tracestate === 'string' && isTraceState(tracestate) ? { traceparent: known, tracestate } : { traceparent: known }
}

/** The context that the headers of a request say. */
export function headerTrace (headers: RequestHeaders): TraceContext | undefined {
  const { traceparent } = headers
  return traceparent === undefined ? undefined : traceContext(traceparent, headers.tracestate)
}

/** The id by which the whole trace is found, 32 hexadecimal digits. */
export function traceIdOf ({ traceparent }: TraceContext): string {
  return traceparent.slice(TRACE_ID_START, TRACE_ID_END)
}

/** Whether those who begot the trace record it. */
export function isSampled ({ traceparent }: TraceContext): boolean {
  return (Number.parseInt(traceparent.slice(FLAGS_START), 16) & SAMPLED) === SAMPLED
}

/** The context that all of these share as to their trace, that of the first; undefined when one has none or another trace. */
export function sharedTrace (carriers: readonly { readonly trace?: TraceContext }[]): TraceContext | undefined {
  const first = carriers[0]?.trace
  if (first === undefined) return undefined
  const id = traceIdOf(first)
  return carriers.every(({ trace }) => trace === first || (trace !== undefined && traceIdOf(trace) === id)) ? first : undefined
}

/**
 * Only the first fields and the sampled flag of a later version are known: the result says that much, in version 00.
 */
function fromLaterVersion (traceparent: string): string | undefined {
  const [, ids, flags = ''] = LATER_VERSION.exec(traceparent) ?? []
  return ids === undefined ? undefined : `00-${ids}-0${Number.parseInt(flags, 16) & SAMPLED}`
}

function isTraceState (text: string): boolean {
  if (text.length > MOST_STATE_CHARACTERS || !STATE_CHARACTERS.test(text)) return false
  // Members may be empty, and have white space around them.
  const members = text.split(',').map((member) => member.trim()).filter((member) => member !== '')
  const keys = members.map((member) => member.slice(0, member.indexOf('=')))
  return members.length > 0 && members.length <= MOST_STATE_MEMBERS && new Set(keys).size === keys.length &&
    members.every((member, index) => STATE_KEY.test(keys[index] as string) && STATE_VALUE.test(member.slice((keys[index] as string).length + 1)))
}

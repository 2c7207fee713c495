/*
 * The trace of an event in the form of W3C Trace Context: `00-<trace id>-<parent span id>-<flags>`, and a state of
 * vendors. It travels with the event unchanged, except that a span of Spillway replaces the parent.
 */
import { Type, type Static } from '@sinclair/typebox'
import type { RequestHeaders } from './request-headers.ts'

/** A valid traceparent of version 00, and its tracestate if there is one. */
export const TraceContextSchema = Type.Object({
  traceparent: Type.Readonly(Type.String()),
  tracestate: Type.Readonly(Type.Optional(Type.String()))
})

export type TraceContext = Static<typeof TraceContextSchema>

/** The usual form needs no parsing, which would cost several times as much. */
const PRESENT_VERSION = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** Version ff is invalid; a version after 00 may have more fields after another hyphen. */
const LATER_VERSION = /^(?!ff|00)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

const TRACE_ID_START = 3
const TRACE_ID_END = 35
const FLAGS_START = 53
const SAMPLED = 1

/** The specification requires at least 512 characters; longer states are not stored with events. */
const MOST_STATE_CHARACTERS = 1_024
const MOST_STATE_MEMBERS = 32
/** The characters that a header may contain; an attribute of a CloudEvent could contain any. */
const STATE_CHARACTERS = /^[\t\x20-\x7e]+$/
const STATE_KEY = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/
const STATE_VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/**
 * Returns the context of these two values; undefined if the first is absent or invalid. Omits an invalid tracestate.
 */
export function traceContext (traceparent: unknown, tracestate?: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string') return undefined
  const known = PRESENT_VERSION.test(traceparent) ? traceparent : fromLaterVersion(traceparent)
  if (known === undefined) return undefined
  return typeof tracestate === 'string' && isTraceState(tracestate)
    ? { traceparent: known, tracestate }
    : { traceparent: known }
}

/** Returns the context in the headers of a request. */
export function headerTrace (headers: RequestHeaders): TraceContext | undefined {
  const { traceparent } = headers
  return traceparent === undefined ? undefined : traceContext(traceparent, headers.tracestate)
}

/** Returns the id of the whole trace, 32 hexadecimal digits. */
export function traceIdOf ({ traceparent }: TraceContext): string {
  return traceparent.slice(TRACE_ID_START, TRACE_ID_END)
}

/** Whether the caller records the trace. */
export function isSampled ({ traceparent }: TraceContext): boolean {
  return (Number.parseInt(traceparent.slice(FLAGS_START), 16) & SAMPLED) === SAMPLED
}

/** Returns the context of the first carrier if all belong to the same trace, else undefined. */
export function sharedTrace (carriers: readonly { readonly trace?: TraceContext }[]): TraceContext | undefined {
  const first = carriers[0]?.trace
  if (first === undefined) return undefined
  const id = traceIdOf(first)
  return carriers.every(({ trace }) => trace === first || (trace !== undefined && traceIdOf(trace) === id))
    ? first
    : undefined
}

/** Converts a later version to version 00, with its first fields and the sampled flag; the rest is unknown. */
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
    members.every((member, index) =>
      STATE_KEY.test(keys[index] as string) && STATE_VALUE.test(member.slice((keys[index] as string).length + 1))
    )
}

import type { FieldError } from './event.ts'
import { isSendable, SENDABLE } from './header.ts'
import type { SendOptions } from './options.ts'

/** A lone surrogate, which UTF-8 would replace with another character. */
const LONE_SURROGATE = /\p{Cs}/u

const NO_ERRORS: readonly FieldError[] = Object.freeze([])

/** Returns the errors of an event and its options that make it impossible to send; the service checks the rest. */
export function sendErrors (event: unknown, options: unknown): readonly FieldError[] {
  if (!isObject(event)) return [{ field: '', message: 'Expected an event, an object with type and payload' }]
  if (!isObject(options)) return [{ field: 'options', message: 'Expected an object' }]
  const { traceparent, payloadText, signal } = options as SendOptions
  if (traceparent === undefined && payloadText === undefined && signal === undefined) return NO_ERRORS
  return [
    ...traceparent === undefined || isSendable(traceparent)
      ? NO_ERRORS
      : [{ field: 'traceparent', message: `Expected ${SENDABLE}` }],
    ...payloadText === undefined || (typeof payloadText === 'string' && !LONE_SURROGATE.test(payloadText))
      ? NO_ERRORS
      : [{ field: 'payloadText', message: 'Expected JSON in well-formed text' }],
    ...signal === undefined || isSignal(signal) ? NO_ERRORS : [{ field: 'signal', message: 'Expected an AbortSignal' }]
  ]
}

function isSignal (value: unknown): boolean {
  return isObject(value) && 'aborted' in value && typeof (value as AbortSignal).addEventListener === 'function'
}

function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/*
 * Answers of the routes for events, for the API description. A test compares them with answers of a service.
 */
import { problemExample, type Examples } from '../../../../services/problem/problem-schema.ts'

/** An id that the service assigned to an event without one. */
const GIVEN_ID = '5-1-0-01a22774-d99d-772f-a73d-11d167edf20c.0-KdEs9yBq'

const ACCEPTED = { id: GIVEN_ID, type: 'device-state-change', priority: 5, status: 'accepted', durability: 'queued' }
const DUPLICATE = { type: 'critical-alarm', priority: 1, status: 'duplicate', id: 'alarm-2026-0007' }

export const storedExamples: Examples = {
  accepted: { summary: 'Redis has confirmed the event', value: ACCEPTED },
  duplicate: { summary: 'An earlier post stored the event', value: DUPLICATE }
}

const WRONG_FIELDS = [
  { field: 'payload', message: 'Expected required property' },
  { field: 'priority', message: 'Expected integer to be less or equal to 10' }
]

export const invalidExamples: Examples = {
  fields: problemExample({
    status: 400,
    slug: 'invalid-event',
    detail: WRONG_FIELDS.map(({ field, message }) => `${field}: ${message}`).join('; '),
    errors: WRONG_FIELDS
  }, 'The answer names every wrong field'),
  json: problemExample({
    status: 400, slug: 'invalid-request', detail: 'The body is not valid JSON: Unexpected end of JSON input'
  }, 'The body is not JSON')
}

const OTHER_TYPE = {
  field: 'type',
  message: 'The event with this identity is stored with another type; post a new event under an id of its own'
}

export const conflictExamples: Examples = {
  identity: problemExample({
    status: 409,
    slug: 'identity-conflict',
    reason: 'identity-conflict',
    detail: `${OTHER_TYPE.field}: ${OTHER_TYPE.message}`,
    errors: [OTHER_TYPE]
  }, 'The id is that of another event'),
  inFlight: problemExample({
    status: 409,
    slug: 'in-flight',
    reason: 'in-flight',
    detail: 'An earlier post of this event is not answered yet; try again',
    retryAfterSeconds: 1
  }, 'An earlier post of the event is not answered yet')
}

export const tooLargeExamples: Examples = {
  tooLarge: problemExample({ status: 413, slug: 'body-too-large', detail: 'The body is larger than 1048576 bytes' })
}

export const mediaTypeExamples: Examples = {
  text: problemExample({ status: 415, slug: 'unsupported-media-type', detail: 'Unsupported Media Type: text/plain' })
}

export const unsupportedDurabilityExamples: Examples = {
  synced: problemExample({
    status: 501,
    slug: 'durability-unsupported',
    detail:
      'X-Event-Durability: synced needs a Redis with appendfsync always, or of version 7.2 or newer with an ' +
      'append-only file'
  })
}

const NONE = { accepted: 0, duplicate: 0, shed: 0, invalid: 0, durability: { queued: 0, synced: 0, spooled: 0 } }
const ONE_QUEUED = { ...NONE, accepted: 1, durability: { ...NONE.durability, queued: 1 } }

const ACCEPTED_RESULT = { index: 0, status: 'accepted', id: GIVEN_ID, durability: 'queued' }
const INVALID_RESULT = { index: 1, status: 'invalid', reason: 'invalid-event', errors: WRONG_FIELDS }
const SHED_RESULT = { index: 2, status: 'shed', priority: 9, reason: 'circuit-open', retryAfterSeconds: 12 }
const CONFLICT_RESULT = {
  index: 0, status: 'invalid', id: 'alarm-2026-0007', reason: 'identity-conflict', errors: [OTHER_TYPE]
}

export const allStoredExamples: Examples = {
  array: {
    summary: 'Each event of an array has a result',
    value: {
      ...ONE_QUEUED,
      duplicate: 1,
      results: [ACCEPTED_RESULT, { index: 1, status: 'duplicate', id: 'alarm-2026-0007' }]
    }
  },
  stream: {
    summary: 'All events of a stream are stored',
    value: { ...NONE, accepted: 250_000, durability: { ...NONE.durability, queued: 250_000 }, results: [] }
  }
}

export const mixedExamples: Examples = {
  mixed: {
    summary: 'One event is stored, one is invalid, and one is shed',
    value: { ...ONE_QUEUED, shed: 1, invalid: 1, results: [ACCEPTED_RESULT, INVALID_RESULT, SHED_RESULT] }
  }
}

export const noneValidExamples: Examples = {
  noneValid: problemExample({
    status: 400,
    slug: 'invalid-event',
    detail: 'None of the events is valid',
    ...NONE,
    invalid: 1,
    results: [{ ...INVALID_RESULT, index: 0 }]
  })
}

export const batchConflictExamples: Examples = {
  identities: problemExample({
    status: 409,
    slug: 'identity-conflict',
    reason: 'identity-conflict',
    detail: `${OTHER_TYPE.field}: ${OTHER_TYPE.message}`,
    errors: [OTHER_TYPE],
    ...NONE,
    invalid: 1,
    results: [CONFLICT_RESULT]
  })
}

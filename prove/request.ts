import { LEVELS, type Level } from './oracle.ts'
import { integer, pick, type Random } from './random.ts'

export const FORMS = ['single', 'array', 'stream'] as const

export type Form = typeof FORMS[number]

/** A request of the load, ready to be sent, and sent again. */
export interface LoadRequest {
  readonly form: Form
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Sequence number of its first event; the others follow. */
  readonly first: number
  readonly priorities: readonly number[]
  /** The level that it asks for. */
  readonly level: Level
  /** Its events have ids, so that it can be sent again when it is not known what became of it. */
  readonly isRepeatable: boolean
}

/** What an event of the load carries, and has to carry still when it arrives. */
export interface Payload {
  readonly sequence: number
  readonly mark: string
}

export const EVENTS_BY_FORM: Readonly<Record<Form, number>> = { single: 1, array: 20, stream: 100 }

/** Shares of requests: about a quarter of the events come alone, a third in arrays, the rest in streams. */
const ARRAY_SHARE = 0.065
const STREAM_SHARE = 0.015
/** Shares of events: critical, normal, and the rest low. */
const CRITICAL_SHARE = 0.2
const NORMAL_SHARE = 0.5
const REPEATABLE_SHARE = 0.5
/** Of single events; their priority is known before the body then. */
const PRIORITY_HEADER_SHARE = 0.3
/** Of requests; the others leave the level to the default. */
const LEVEL_HEADER_SHARE = 0.6
const LONGEST_MARK = 20

/** How many events the next request carries. */
export function pickForm (random: Random): Form {
  const chance = random()
  return chance < STREAM_SHARE ? 'stream' : chance < STREAM_SHARE + ARRAY_SHARE ? 'array' : 'single'
}

/** Makes a request of events `first` and up. */
export function composeRequest (random: Random, form: Form, first: number): LoadRequest {
  const isRepeatable = random() < REPEATABLE_SHARE
  const asks = random() < LEVEL_HEADER_SHARE
  const level = asks ? pick(random, LEVELS) : 'queued'
  const priorities = Array.from({ length: EVENTS_BY_FORM[form] }, () => pickPriority(random))
  const events = priorities.map((priority, index) => ({
    type: 'proof', payload: payloadOf(first + index), priority, ...(isRepeatable && { id: `proof-${first + index}` })
  }))
  const headers: Record<string, string> = {
    'content-type': form === 'stream' ? 'application/x-ndjson' : 'application/json', ...(asks && { 'x-event-durability': level })
  }
  if (form === 'single' && random() < PRIORITY_HEADER_SHARE) headers['x-event-priority'] = String(priorities[0])
  const body = form === 'single' ? JSON.stringify(events[0]) : form === 'array' ? JSON.stringify(events) : events.map((event) => `${JSON.stringify(event)}\n`).join('')
  return { form, path: form === 'single' ? '/api/v1/events' : '/api/v1/events/batch', headers, body, first, priorities, level, isRepeatable }
}

/** The payload of an event: its number, and a text of 0 to 140 characters that follows from it. */
export function payloadOf (sequence: number): Payload {
  const mixed = Math.imul(sequence + 1, 0x9e3779b1) >>> 0
  return { sequence, mark: mixed.toString(36).repeat(mixed % (LONGEST_MARK + 1)) }
}

/** Tells whether a payload arrived as it was posted. */
export function isIntact (data: unknown): data is Payload {
  if (typeof data !== 'object' || data === null) return false
  const { sequence, mark, ...more } = data as Partial<Payload>
  return Number.isInteger(sequence) && mark === payloadOf(sequence as number).mark && Object.keys(more).length === 0
}

function pickPriority (random: Random): number {
  const chance = random()
  return chance < CRITICAL_SHARE ? 1 : chance < CRITICAL_SHARE + NORMAL_SHARE ? integer(random, 2, 5) : integer(random, 6, 10)
}

import { expiryOf, factsOf, type EventFacts } from '../event/facts.ts'
import { LEVELS, type Level } from '../event/level.ts'
import { IDENTITIES, type Bias, type Form, type Identity, type Origin } from '../event/origin.ts'
import { integer, pick, type Random } from '../../rig/random.ts'

/** A request of the load, which can be sent repeatedly. */
export interface LoadRequest {
  readonly origin: Origin
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Its events in the order of the body; one may occur twice. */
  readonly events: readonly EventFacts[]
  /** The requested level. */
  readonly level: Level
  /** When its events got their numbers, milliseconds since 1970: their deadlines count from then. */
  readonly postedAtMs: number
}

/** A request before its events have numbers. */
export interface RequestPlan {
  readonly origin: Origin
  readonly count: number
}

/** Shares of requests, and events in each. The rest are single events in the form of Spillway. */
const PLANS: readonly (readonly [form: Form, share: number, events: number])[] = [
  ['stream', 0.015, 100],
  ['array', 0.05, 20],
  ['cloud-batch', 0.02, 15],
  ['structured', 0.08, 1],
  ['binary', 0.08, 1],
  ['datastream', 0.1, 1]
]
const IDENTITY_SHARES: Readonly<Record<Identity, number>> = { none: 0.45, own: 0.3, key: 0.2, both: 0.05 }
/** Share of requests with a level; the others use the default. */
const LEVEL_HEADER_SHARE = 0.6
/** Share of arrays of identified events that repeat the first event at the end. */
const TWICE_IN_ONE_SHARE = 0.1

const MEDIA_TYPES: Readonly<Record<Form, string>> = {
  single: 'application/json',
  array: 'application/json',
  stream: 'application/x-ndjson',
  binary: 'application/json',
  datastream: 'application/json',
  structured: 'application/cloudevents+json', 'cloud-batch': 'application/cloudevents-batch+json'
}

/** Plans the next request. */
export function planRequest (random: Random, bias: Bias = 'none'): RequestPlan {
  let left = random()
  const [form, , count] = PLANS.find(([, share]) => (left -= share) < 0) ?? ['single', 0, 1]
  let rest = random()
  const identity = IDENTITIES.find((name) => (rest -= IDENTITY_SHARES[name]) < 0) ?? 'none'
  return { origin: { form, identity, bias }, count }
}

/** Makes a request of events numbered from `first`. */
export function composeRequest (
  seed: number, random: Random, { origin, count }: RequestPlan, first: number, postedAtMs = 0
): LoadRequest {
  const { form, identity } = origin
  const asks = random() < LEVEL_HEADER_SHARE
  const level = asks ? pick(random, LEVELS) : 'queued'
  const events = Array.from({ length: count }, (_, index) => factsOf(seed, first + index, origin))
  const isTwice = form === 'array' && identity === 'own' && random() < TWICE_IN_ONE_SHARE
  if (isTwice) events.push(events[0] as EventFacts)
  return withBody({
    origin, level, events, postedAtMs, path: pathOf(form), body: '',
    headers: {
      'content-type': MEDIA_TYPES[form],
      ...(asks && { 'x-event-durability': level }),
      ...(identity === 'key' || identity === 'both' ? { 'idempotency-key': keyOf(first) } : {})
    }
  }, integer(random, 0, 1))
}

/** Returns the same request with other payloads, as from a producer that reuses its ids. */
export function withOtherPayloads (request: LoadRequest): LoadRequest {
  const events = request.events.map((facts) => ({
    ...facts,
    payload: facts.form === 'datastream' ? '{"deviceId":"another","values":{"another":1}}' : '"another body"'
  }))
  return withBody({ ...request, events }, 0)
}

/**
 * Whether its events have an identity, so that the request can be sent again if its result is unknown.
 */
export function isRepeatable ({ origin: { identity }, events }: LoadRequest): boolean {
  return identity !== 'none' || events.every(({ ownId }) => ownId !== undefined)
}

/** Returns the Idempotency-Key of the request that begins with this event. */
export function keyOf (first: number): string {
  return `key ${first}/ü?`.replace('ü', '%C3%BC')
}

function pathOf (form: Form): string {
  if (form === 'datastream') return '/api/v1/datastreams'
  return form === 'array' || form === 'stream' || form === 'cloud-batch' ? '/api/v1/events/batch' : '/api/v1/events'
}

function withBody (request: LoadRequest, order: number): LoadRequest {
  const { origin: { form }, events, postedAtMs } = request
  const [only] = events as [EventFacts]
  const headers = {
    ...request.headers,
    ...(only.priorityBy === 'header' && { 'x-event-priority': String(only.priority) }),
    ...(only.typeBy === 'header' && { 'x-event-type': only.type }),
    ...(form === 'binary' && binaryHeaders(only, postedAtMs))
  }
  const texts =
    form === 'binary' || form === 'datastream'
      ? []
      : events.map((facts) =>
          form === 'structured' || form === 'cloud-batch' ? cloudEventText(facts, order, postedAtMs) : eventText(facts, order, postedAtMs)
        )
  const body = form === 'binary' ? only.payload as string
    : form === 'datastream' ? readingText(only, postedAtMs)
      : form === 'stream' ? texts.map((text) => `${text}\n`).join('')
        : form === 'array' || form === 'cloud-batch' ? `[${texts.join(',')}]` : texts[0] as string
  return { ...request, headers, body }
}

function eventText (
  facts: EventFacts,
  order: number,
  postedAtMs: number
): string {
  const { type, typeBy, payload, priority, priorityBy, organizationId, ownId, time } = facts
  const envelope = JSON.stringify({
    ...(typeBy === 'body' && { type }),
    ...(priorityBy === 'body' && { priority }),
    ...(organizationId !== undefined && { organizationId }),
    ...(ownId !== undefined && { id: ownId }), ...(time !== undefined && { occurredAt: time }),
    expiresAt: expiryOf(facts, postedAtMs)
  })
  return withMember(envelope, 'payload', payload, order)
}

function cloudEventText (
  facts: EventFacts,
  order: number,
  postedAtMs: number
): string {
  const { type, payload, priority, priorityBy, organizationId, ownId, source, time, attributes } = facts
  const envelope = JSON.stringify({
    specversion: '1.0',
    id: ownId,
    source,
    type,
    ...attributes,
    datacontenttype: 'application/json',
    ...(priorityBy === 'body' && { priority }),
    ...(organizationId !== undefined && { organizationid: organizationId }), ...(time !== undefined && { time }),
    expirytime: expiryOf(facts, postedAtMs)
  })
  return withMember(envelope, 'data', payload, order)
}

/** Puts a member, given as text, before or after the others. */
function withMember (envelope: string, name: string, text: string | undefined, order: number): string {
  if (text === undefined) return envelope
  const inside = envelope.slice(1, -1)
  const member = `"${name}":${text}`
  return `{${[inside, member].filter((part) => part !== '').toSorted(() => order === 0 ? 0 : -1).join(',')}}`
}

function readingText (facts: EventFacts, postedAtMs: number): string {
  const { payload, organizationId, ownId } = facts
  const expiresAt = expiryOf(facts, postedAtMs)
  const rest = `${organizationId === undefined ? '' : `,"organizationId":${JSON.stringify(organizationId)}`}${
    ownId === undefined ? '' : `,"id":${JSON.stringify(ownId)}`
  }${expiresAt === undefined ? '' : `,"expiresAt":"${expiresAt}"`}`
  return `${(payload as string).slice(0, -1)}${rest}}`
}

function binaryHeaders (facts: EventFacts, postedAtMs: number): Record<string, string> {
  const { type, priority, priorityBy, organizationId, ownId, source, time, attributes } = facts
  const expirytime = expiryOf(facts, postedAtMs)
  const named = {
    specversion: '1.0', id: ownId, source, type, ...attributes, ...(priorityBy === 'body' && { priority }),
    ...(organizationId !== undefined && { organizationid: organizationId }), ...(time !== undefined && { time }),
    ...(expirytime !== undefined && { expirytime })
  }
  return Object.fromEntries(
    Object.entries(named).map(([name, value]) => [`ce-${name}`, encodeURIComponent(String(value))])
  )
}

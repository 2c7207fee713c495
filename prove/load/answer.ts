import type { EventFacts } from '../event/facts.ts'
import { LEVELS, type Level } from '../event/level.ts'
import type { LoadRequest } from './request.ts'

/** The result for one event in an answer. */
export interface EventAnswer {
  /** The place of the event in the request. */
  readonly index: number
  /** `conflict`: another post of the event is in progress or stored. */
  readonly status: 'accepted' | 'duplicate' | 'shed' | 'conflict'
  /** Absent if the answer names none, as for the events of a stream. */
  readonly id?: string
  /**
   * For newly stored events and those in the spool of the answering process; an answer names none for other duplicates.
   */
  readonly level?: Level
  /** Whether the level is that of the weakest event of a stream, so that this event may have another. */
  readonly isLevelVague?: boolean
  /** For shed events. */
  readonly reason?: string
}

/** A parsed answer. Events that it does not mention have no answer. */
export interface ReadAnswer {
  readonly events: readonly EventAnswer[]
  /** Contradictions of the answer with itself, the request or the contract. */
  readonly contradictions: readonly string[]
}

interface Result {
  index: number
  status: string
  id?: string
  durability?: string
  reason?: string
}

interface Body {
  id?: unknown
  type?: unknown
  priority?: unknown
  status?: string
  durability?: string
  reason?: string
  retryAfterSeconds?: unknown
  accepted?: number
  duplicate?: number
  shed?: number
  wouldExpire?: number
  invalid?: number
  results?: Result[]
  resultsTruncated?: boolean
  stoppedAfterLine?: number
}

/** The status and the reason of a refusal that no second post can change. */
const WOULD_EXPIRE = 'would-expire'
const LONGEST_RETRY_SECONDS = 120
const BATCH_FORMS: ReadonlySet<string> = new Set(['array', 'stream', 'cloud-batch'])

/** Parses the answer to a request with valid events only. */
export function readAnswer (
  request: Pick<LoadRequest, 'origin' | 'events' | 'level'>,
  status: number,
  retryAfter: string | undefined,
  body: unknown
): ReadAnswer {
  const { origin: { form }, events, level } = request
  if (status === 501 && level === 'synced') return { events: [], contradictions: [] }
  if (typeof body !== 'object' || body === null) return { events: [], contradictions: [`${status} without a body`] }
  const answer = body as Body
  if (status === 409) return conflict(events, retryAfter)
  if (status === 503) {
    const { retryAfterSeconds } = answer
    const isForEver = answer.reason === WOULD_EXPIRE && retryAfter === undefined && retryAfterSeconds === undefined
    const isHonest = isForEver || (
      Number.isInteger(retryAfterSeconds) &&
      Number(retryAfterSeconds) >= 1 &&
      Number(retryAfterSeconds) <= LONGEST_RETRY_SECONDS &&
      retryAfter === String(retryAfterSeconds)
    )
    const isStopping = BATCH_FORMS.has(form) && retryAfter === '1' && answer.accepted === 0
    return {
      events: shedAll(events, answer),
      contradictions:
        isHonest || isStopping ? [] : [`503 asks to come back after ${retryAfter} and ${String(retryAfterSeconds)}`]
    }
  }
  if (status !== 202 && (status !== 207 || !BATCH_FORMS.has(form))) {
    return { events: [], contradictions: [`${status} to a valid ${form}`] }
  }
  if (!BATCH_FORMS.has(form)) return readOne(events[0] as EventFacts, answer)
  return form === 'stream' ? readStream(request, answer) : readArray(events, answer)
}

function isRefusal (status: string): boolean {
  return status === 'shed' || status === WOULD_EXPIRE
}

function conflict (events: readonly EventFacts[], retryAfter: string | undefined): ReadAnswer {
  const isTold = retryAfter === undefined || /^\d+$/.test(retryAfter)
  return {
    events: events.map((_, index) => ({ index, status: 'conflict' })),
    contradictions: isTold ? [] : [`409 asks to come back after ${retryAfter}`]
  }
}

function shedAll (
  events: readonly EventFacts[], { results = [], reason = results[0]?.reason ?? 'stopping' }: Body
): EventAnswer[] {
  return events.map((_, index) => ({
    index,
    status: 'shed',
    reason: results.find((result) => result.index === index)?.reason ?? reason
  }))
}

function readOne (
  { type, priority }: EventFacts,
  { id, type: answeredType, priority: answeredPriority, status, durability }: Body
): ReadAnswer {
  if (status !== 'accepted' && status !== 'duplicate') {
    return { events: [], contradictions: [`202 with the status ${status}`] }
  }
  const contradictions = [
    ...typeof id === 'string' && id !== '' ? [] : ['202 without an id'],
    ...answeredType === type ? [] : [`202 with the type ${String(answeredType)} for ${type}`],
    ...answeredPriority === priority ? [] : [`202 with the priority ${String(answeredPriority)} for ${priority}`]
  ]
  return {
    events: [{ index: 0, status, id: String(id), ...levelNamed(status, durability) }],
    contradictions
  }
}

function readArray (events: readonly EventFacts[], answer: Body): ReadAnswer {
  const { results = [], accepted = 0, duplicate = 0, shed: load = 0, wouldExpire = 0 } = answer
  const shed = load + wouldExpire
  const read = results.flatMap(({ index, status, id, durability, reason }): EventAnswer[] => {
    if (status === 'accepted' || status === 'duplicate') {
      return [
        { index, status, ...(id !== undefined && { id }), ...levelNamed(status, durability) }
      ]
    }
    return isRefusal(status) ? [{ index, status: 'shed', ...(reason !== undefined && { reason }) }] : []
  })
  const count = (status: string) => read.filter((event) => event.status === status).length
  const isComplete = read.length === events.length && read.every(({ index }, place) => index === place)
  const isCounted = count('accepted') === accepted && count('duplicate') === duplicate && count('shed') === shed
  return {
    events: read.filter(({ index }) => index < events.length),
    contradictions: [
      ...(isComplete
        ? []
        : [
            `${events.length} events, results for ${results
              .map(({ index, status }) => `${index} ${status}`)
              .slice(0, 5)
              .join(', ')
          } …`
        ]),
      ...isCounted
        ? []
        : [
          `${accepted} accepted, ${duplicate} duplicate and ${shed} shed, the results say ${count('accepted')}, ${
            count('duplicate')
          } and ${count('shed')}`
        ],
      ...(read.every(({ status, id }) => status === 'shed' || (id !== undefined && id !== ''))
        ? []
        : ['a stored event without an id'])
    ]
  }
}

/**
 * An answer to a stream lists only the events that were not stored. If the list is truncated, the other events are
 * unknown, so nothing counts as promised.
 */
function readStream ({ events, level: asked }: Pick<LoadRequest, 'events' | 'level'>, answer: Body): ReadAnswer {
  const {
    results = [], accepted = 0, duplicate = 0, durability: counts, resultsTruncated = false, stoppedAfterLine
  } = answer as Omit<Body, 'durability'> & { durability?: Partial<Record<Level, number>> }
  if (resultsTruncated) return { events: [], contradictions: [] }
  const refused = new Map(results.map((result) => [result.index, result]))
  const named = LEVELS.filter((name) => (counts?.[name] ?? 0) > 0)
  // The lines do not carry their levels, so all get the weakest that is named.
  const level = duplicate > 0 ? 'queued' : named[0] ?? asked
  const isLevelVague = named.length > 1 || duplicate > 0
  const read = events.slice(0, stoppedAfterLine ?? events.length).map((_, index): EventAnswer => {
    const refusal = refused.get(index)
    if (refusal !== undefined) {
      return { index, status: 'shed', ...(refusal.reason !== undefined && { reason: refusal.reason }) }
    }
    return { index, status: accepted === 0 ? 'duplicate' : 'accepted', level, ...((isLevelVague) && { isLevelVague }) }
  })
  const stored = read.filter(({ status }) => status !== 'shed').length
  return {
    events: read,
    contradictions: [
      ...(accepted + duplicate === stored
        ? []
        : [`counts ${accepted} accepted and ${duplicate} duplicate, its results say ${stored}`]),
      ...(results.every(({ status, index }) => isRefusal(status) && index < events.length)
        ? []
        : [
          `lists ${
            results.find(({ status }) => !isRefusal(status))?.status ?? 'a line that was not posted'
          } of a valid stream`
        ])
    ]
  }
}

/** Returns the level: queued for an accepted event without one, none for such a duplicate. */
function levelNamed (status: 'accepted' | 'duplicate', named: string | undefined): Pick<EventAnswer, 'level'> {
  const level = LEVELS.find((known) => known === named) ?? (status === 'accepted' ? 'queued' : undefined)
  return level === undefined ? {} : { level }
}

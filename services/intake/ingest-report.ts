import { CONSEQUENCES, type AllowedTypes, type Refusal, type RefusalKind } from '../admission/refusal.ts'
import type { Durability } from '../event/durability.ts'
import type { FieldError } from '../event/field-error.ts'
import { IDENTITY_CONFLICT } from '../event/identity-conflict.ts'
import type { QueuedEvent } from '../event/event.ts'
import type { Publication } from './event-bus.ts'
import type { InflationFault } from './inflated-body.ts'
import type { ResultAllowance } from './result-allowance.ts'

/** The result for one event of many. `line` is counted from 1 and present for streams. */
export interface EventResult {
  index: number
  line?: number
  status: 'accepted' | 'duplicate' | 'sampled' | 'shed' | 'would-expire' | 'quota' | 'forbidden' | 'invalid'
  id?: string
  priority?: number
  durability?: Durability
  reason?: string
  /** The ceiling of the key, if the event was above it. */
  bestPriority?: number
  retryAfterSeconds?: number
  /** True if the event was sent to the queue and no answer came. */
  mayBeStored?: boolean
  errors?: FieldError[]
}

/** The results for a body of many events. */
export interface IngestReport {
  accepted: number
  /** Stored by an earlier post, or repeated in this one. */
  duplicate: number
  /** Left out of the sample that is kept under pressure. */
  sampled: number
  /** Accepted events by level of durability. */
  durability: Record<Durability, number>
  /** Refused because of load, or because the queue could not accept them. */
  shed: number
  /** True if the queue could not accept some of the shed events. */
  isQueueAway?: boolean
  /** Refused because their deadlines would pass before a worker could take them. */
  wouldExpire: number
  /** Refused because of a quota. */
  quota: number
  /** Refused because the producer may not post them. */
  forbidden: number
  invalid: number
  results: EventResult[]
  /** True if the report omits results of events that were not accepted. */
  isTruncated: boolean
  /** True if results omit errors because there were too many for an answer. */
  areErrorsTruncated: boolean
  /** The longest wait of all refusals; 0 without one. */
  retryAfterSeconds: number
  /** True if an event was sent to the queue and no answer came: it may be stored. */
  mayBeStored?: boolean
  /** The organization of all valid events; absent if they name none, and MIXED if they differ. */
  organizationId?: string | typeof MIXED
  /** RateLimit-Policy of a quota that is used up. */
  rateLimitPolicy?: string
  /** The types that the producer may post, if an event had another one. */
  types?: AllowedTypes
  /** Set if a stream was stopped early: the last line that was read, and the reason. */
  stoppedAfterLine?: number
  stopReason?: StopReason
}

/** Stands for organizations that differ. */
export const MIXED = Symbol('several organizations')

/** Events that a report is about. */
export function eventsIn ({
  accepted, duplicate, sampled, shed, wouldExpire, quota, forbidden, invalid
}: IngestReport): number {
  return accepted + duplicate + sampled + shed + wouldExpire + quota + forbidden + invalid
}

/** Returns the kind of the refusals if all events were refused, for one kind of reason. */
export function onlyRefusal (report: IngestReport): RefusalKind | undefined {
  const { shed, wouldExpire, quota, forbidden, isQueueAway = false } = report
  const most = Math.max(shed, wouldExpire, quota, forbidden)
  if (most === 0 || most < eventsIn(report)) return undefined
  if (shed > 0) return isQueueAway ? 'queue' : 'load'
  return wouldExpire > 0 ? 'deadline' : quota > 0 ? 'quota' : 'forbidden'
}

/**
 * The reasons to stop a stream: shutdown, the end of its key, its time, too many invalid lines, no memory for long lines
 * or for a decoder, chunks that cost too much, or a body that cannot be decompressed or inflates to too much.
 */
export type StopReason = 'stopping' | 'key-ended' | 'too-long' | 'too-many-invalid' | InflationFault

/** A place in the body: index from 0, and for streams the line from 1. */
export interface Place {
  index: number
  line?: number
}

/** Collects results while a body is processed. With `listed: 'refused'` accepted events are only counted. */
export class ReportBuilder {
  readonly #report: IngestReport = {
    accepted: 0,
    duplicate: 0,
    sampled: 0,
    durability: { queued: 0, synced: 0, spooled: 0 },
    shed: 0,
    wouldExpire: 0,
    quota: 0,
    forbidden: 0,
    invalid: 0,
    results: [],
    isTruncated: false,
    areErrorsTruncated: false,
    retryAfterSeconds: 0
  }
  #hasOrganization = false
  readonly #listed: 'all' | 'refused'
  readonly #allowance: ResultAllowance

  constructor (listed: 'all' | 'refused', allowance: ResultAllowance) {
    this.#listed = listed
    this.#allowance = allowance
  }

  /** Records the result of a valid event. */
  publish (place: Place, event: QueuedEvent, publication: Publication): void {
    this.#noteOrganization(event)
    if (publication.status === 'accepted') this.#accept(place, event, publication.durability)
    else if (publication.status === 'duplicate') this.#repeat(place, publication)
    else if (publication.status === 'sampled') this.#leaveOut(place, event)
    else if (publication.status === 'conflict') this.#contradict(place, event, publication.errors)
    else if (publication.status === 'refused') this.#refuse(place, event, publication.refusal)
  }

  #noteOrganization ({ organizationId }: QueuedEvent): void {
    if (!this.#hasOrganization) {
      this.#hasOrganization = true
      if (organizationId !== undefined) this.#report.organizationId = organizationId
    } else if (this.#report.organizationId !== organizationId) this.#report.organizationId = MIXED
  }

  #contradict (place: Place, { id }: QueuedEvent, errors: FieldError[]): void {
    this.#report.invalid++
    this.#list({ ...place, status: 'invalid', ...(id !== '' && { id }), reason: IDENTITY_CONFLICT, errors })
  }

  refuseInvalid (place: Place, reason: string, errors: FieldError[]): void {
    this.#report.invalid++
    this.#list({ ...place, status: 'invalid', reason, errors })
  }

  /** Records that the stream after this line was not read. */
  stopAfter (line: number, reason: StopReason): void {
    this.#report.stoppedAfterLine = line
    this.#report.stopReason = reason
  }

  get isStopped (): boolean { return this.#report.stoppedAfterLine !== undefined }

  /** Returns the report, with results in the order of the body. */
  build (): IngestReport {
    this.#report.results.sort((a, b) => a.index - b.index)
    return this.#report
  }

  #accept (place: Place, event: QueuedEvent, durability: Durability): void {
    this.#report.accepted++
    this.#report.durability[durability]++
    if (this.#listed === 'all') this.#list({ ...place, status: 'accepted', id: event.id, durability })
  }

  #repeat (place: Place, publication: Publication & { status: 'duplicate' }): void {
    this.#report.duplicate++
    if (this.#listed === 'all') this.#list({ ...place, ...publication })
  }

  #leaveOut (place: Place, { id }: QueuedEvent): void {
    this.#report.sampled++
    if (this.#listed === 'all') this.#list({ ...place, status: 'sampled', ...(id !== '' && { id }) })
  }

  #refuse (
    place: Place, event: QueuedEvent,
    { kind, reason, retryAfterSeconds, bestPriority, types, rateLimitPolicy, mayBeStored = false }: Refusal
  ): void {
    if (rateLimitPolicy !== undefined) this.#report.rateLimitPolicy = rateLimitPolicy
    if (types !== undefined) this.#report.types = types
    const { outcome } = CONSEQUENCES[kind]
    this.#report[outcome]++
    if (kind === 'queue') this.#report.isQueueAway = true
    if (mayBeStored) this.#report.mayBeStored = true
    this.#report.retryAfterSeconds = Math.max(this.#report.retryAfterSeconds, retryAfterSeconds ?? 0)
    // Without an id of its own, the event has no place yet that could name it.
    this.#list({
      ...place,
      status: outcome === 'wouldExpire' ? 'would-expire' : outcome,
      ...(event.id !== '' && { id: event.id }),
      priority: event.priority,
      reason,
      ...(bestPriority !== undefined && { bestPriority }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(mayBeStored && { mayBeStored })
    })
  }

  #list (result: EventResult): void {
    if (!this.#allowance.take(result)) {
      this.#report.isTruncated = true
      return
    }
    this.#report.results.push(result)
    if (result.errors === undefined || this.#allowance.takeErrors(result.errors)) return
    delete result.errors
    this.#report.areErrorsTruncated = true
  }
}

import type { Refusal } from '../backpressure/decision.ts'
import type { FieldError } from '../event/field-error.ts'
import type { QueuedEvent } from '../event/event.ts'

/** What became of one event of many. `line` is counted from 1 and present for streams. */
export interface EventResult {
  index: number
  line?: number
  status: 'accepted' | 'shed' | 'invalid'
  id?: string
  priority?: number
  reason?: string
  retryAfterSeconds?: number
  errors?: FieldError[]
}

/** What became of a body of many events. */
export interface IngestReport {
  accepted: number
  shed: number
  invalid: number
  results: EventResult[]
  /** True when more was not accepted than is listed. */
  isTruncated: boolean
  /** The longest wait that a refusal in here asked for; 0 when nothing was shed. */
  retryAfterSeconds: number
  /** Set when a stream was ended before its end: the last line that was taken in. */
  stoppedAfterLine?: number
}

/** A place in the body: index from 0, and for streams the line from 1. */
export interface Place {
  index: number
  line?: number
}

/** Collects results while a body is worked on. With `listed: 'refused'` accepted events are counted only. */
export class ReportBuilder {
  readonly #report: IngestReport = { accepted: 0, shed: 0, invalid: 0, results: [], isTruncated: false, retryAfterSeconds: 0 }
  readonly #listed: 'all' | 'refused'
  readonly #mostListed: number

  constructor (listed: 'all' | 'refused', mostListed: number) {
    this.#listed = listed
    this.#mostListed = mostListed
  }

  accept (place: Place, event: QueuedEvent): void {
    this.#report.accepted++
    if (this.#listed === 'all') this.#list({ ...place, status: 'accepted', id: event.id })
  }

  shed (place: Place, event: QueuedEvent, { reason, retryAfterSeconds }: Refusal): void {
    this.#report.shed++
    this.#report.retryAfterSeconds = Math.max(this.#report.retryAfterSeconds, retryAfterSeconds)
    this.#list({ ...place, status: 'shed', id: event.id, priority: event.priority, reason, retryAfterSeconds })
  }

  refuseInvalid (place: Place, reason: string, errors: FieldError[]): void {
    this.#report.invalid++
    this.#list({ ...place, status: 'invalid', reason, errors })
  }

  /** Notes that the rest of the stream after this line was not taken in. */
  stopAfter (line: number): void {
    this.#report.stoppedAfterLine = line
  }

  get isStopped (): boolean { return this.#report.stoppedAfterLine !== undefined }

  /** The report, with results in the order of the body. */
  build (): IngestReport {
    this.#report.results.sort((a, b) => a.index - b.index)
    return this.#report
  }

  #list (result: EventResult): void {
    if (this.#report.results.length < this.#mostListed) this.#report.results.push(result)
    else this.#report.isTruncated = true
  }
}

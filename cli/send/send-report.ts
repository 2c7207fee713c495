import type { SendResult } from '../../clients/typescript/event.ts'
import { causeOf } from '../../services/admission/refusal-sentence.ts'
import { counted } from '../../services/terminal/counted.ts'
import { printable } from '../../services/terminal/printable.ts'
import { count, duration } from '../paint.ts'

/** Limit on listed failures; further ones are only counted, so that a million of them need no memory. */
const MOST_FAILURES = 1_000

/** Limit on failures that are printed for people. */
const MOST_PRINTED = 20

export interface LineFailure {
  readonly line: number
  readonly status: string
  readonly reason: string
  /** The explanation of the service. */
  readonly detail?: string
  readonly id?: string
  readonly errors?: readonly { readonly field: string, readonly message: string }[]
}

/** Counts the results of the lines of an input. */
export class SendReport {
  readonly counts: Record<SendResult['status'], number> = {
    accepted: 0, duplicate: 0, sampled: 0,
    shed: 0, quota: 0, 'would-expire': 0, forbidden: 0, invalid: 0, unanswered: 0, unsent: 0
  }
  readonly failures: LineFailure[] = []
  /** The first line that was not read because the service accepted no more; undefined if all were read. */
  stoppedAtLine: number | undefined

  get lines (): number { return Object.values(this.counts).reduce((sum, events) => sum + events, 0) }

  get failed (): number { return this.lines - this.counts.accepted - this.counts.duplicate - this.counts.sampled }

  get isComplete (): boolean { return this.failed === 0 && this.stoppedAtLine === undefined }

  record (line: number, result: SendResult): void {
    this.counts[result.status]++
    if (result.status === 'accepted' || result.status === 'duplicate' || result.status === 'sampled') return
    const { status, reason, id } = result
    this.#list({
      line,
      status,
      reason,
      id,
      ...('detail' in result && { detail: result.detail }),
      ...('errors' in result && result.errors.length > 0 && { errors: result.errors })
    })
  }

  /** Records a line that is not an event. */
  recordUnreadable (line: number, reason: string): void {
    this.counts.invalid++
    this.#list({ line, status: 'invalid', reason })
  }

  toJson (source: string, elapsedSeconds: number): object {
    return {
      source, lines: this.lines, ...this.counts, seconds: Math.round(elapsedSeconds * 10) / 10,
      failures: this.failures.toSorted((a, b) => a.line - b.line),
      ...(this.failed > this.failures.length && { failuresTruncated: true }),
      ...(this.stoppedAtLine !== undefined && { stoppedAtLine: this.stoppedAtLine })
    }
  }

  toText (source: string, elapsedSeconds: number): string {
    const failures = this.failures.toSorted((a, b) => a.line - b.line).slice(0, MOST_PRINTED)
    const { accepted, duplicate, sampled, ...others } = this.counts
    const why = Object.entries(others).filter(([, events]) => events > 0).map(([status, events]) =>
      `${count(events)} ${status}`
    )
    return [
      `${printable(source)}: ${counted(this.lines, 'event')} in ${duration(elapsedSeconds)}: ${count(accepted)} accepted, ${
        count(duplicate)
      } duplicate${sampled === 0 ? '' : `, ${count(sampled)} sampled`}, ${count(this.failed)} failed${
        why.length === 0 ? '' : ` (${why.join(', ')})`
      }`,
      ...failures.map((failure) => `  line ${failure.line}: ${failure.status}: ${printable(whyOf(failure), ' ')}`),
      ...this.failed > failures.length ? [`  and ${count(this.failed - failures.length)} more`] : [],
      ...this.stoppedAtLine === undefined
        ? []
        : [`stopped before line ${this.stoppedAtLine}; run the same command to continue, it stores no event twice`]
    ].join('\n')
  }

  #list (failure: LineFailure): void {
    if (this.failures.length < MOST_FAILURES) this.failures.push(failure)
  }
}

/** The statuses whose reason is a name, which a sentence explains. */
const NAMED: ReadonlySet<string> = new Set(['shed', 'quota', 'would-expire', 'forbidden'])

function whyOf ({ status, reason, detail, errors }: LineFailure): string {
  if (errors !== undefined) {
    return errors.map(({ field, message }) => field === '' ? message : `${field}: ${message}`).join('; ')
  }
  return NAMED.has(status) ? `${reason}: ${detail ?? causeOf(reason)}` : reason
}

import type { EventFacts } from '../event/facts.ts'
import type { Level } from '../event/level.ts'
import type { Fate } from '../checker.ts'

/** The answer to a request for a receipt. */
export interface ReceiptAnswer {
  readonly http: number
  readonly status: string | undefined
  readonly id: unknown
  readonly type: unknown
  readonly priority: unknown
  readonly attempt: unknown
}

/** Facts of the proof about the event. */
export interface ReceiptKnowledge {
  /** Ids that the receipt may name: that of the event, or the requested one; undefined if it may name any. */
  readonly ids: readonly string[] | undefined
  /** The promised level; undefined for an event without a promise. */
  readonly level: Level | undefined
  readonly isLevelVague: boolean
  /** When the question went out. */
  readonly wasHandledBefore: boolean
  /** When the answer came. */
  readonly wasHandled: boolean
  /** When the question went out. */
  readonly fateBefore: Fate
  /** When the answer came. */
  readonly fateAfter: Fate
  /** Whether the event had a deadline, and that has passed. */
  readonly isPastDeadline: boolean
  /** The last receipt, if it was final. */
  readonly lastEnd: 'done' | 'dead-letter' | undefined
  /** Whether a fault lasts, or ended shortly before. */
  readonly isDisturbed: boolean
  /** Whether the run is over and the queue empty, so that only final receipts can be true. */
  readonly isOver: boolean
}

const OPEN = new Set(['waiting', 'active', 'retrying', 'spooled'])

/** Returns the fault of a receipt; undefined if it can be true. */
export function receiptProblem (
  { http, status, id, type, priority, attempt }: ReceiptAnswer,
  facts: EventFacts,
  known: ReceiptKnowledge
): string | undefined {
  const { level, wasHandledBefore, wasHandled, fateBefore, fateAfter, lastEnd, isDisturbed, isOver } = known
  if (http === 503 || http === 0) return isDisturbed ? undefined : `no receipt: ${http}`
  if (http === 404 || status === 'unknown') {
    // A process does not see the spool of another. Since the request the event may have left that spool and arrived.
    const mayBeSpooled = (level === 'spooled' || known.isLevelVague || isDisturbed) && !wasHandledBefore && !isOver
    return level === undefined || (mayBeSpooled && level !== 'synced')
      ? undefined
      : `unknown, though promised as ${level}`
  }
  if (http !== 200) return `answered ${http}`
  if (known.ids?.includes(String(id)) === false) return `the receipt of ${String(id)} for ${known.ids.join(' or ')}`
  if (priority !== facts.priority) return `priority ${String(priority)} for ${facts.priority}`
  if (type !== undefined && type !== facts.type) return `type ${String(type)} for ${facts.type}`
  if (isOver && fateAfter === 'expired' && !wasHandled && status !== 'expired' && status !== 'dead-letter') {
    return `${status}, though its deadline passed and the consumer never had it`
  }
  if (attempt !== undefined && (!Number.isInteger(attempt) || Number(attempt) < 1)) return `attempt ${String(attempt)}`
  if (status === 'done') {
    if (!wasHandled) return 'done, and the consumer never had it'
    return lastEnd === 'dead-letter' && fateAfter !== 'replayed'
      ? 'done after it was a dead letter that nobody replayed'
      : undefined
  }
  if (status === 'dead-letter') {
    if (fateAfter === 'none') return 'a dead letter, and the consumer never refused it'
    return fateBefore === 'replayed' && isOver ? 'a dead letter, though it was replayed and arrived' : undefined
  }
  if (status === 'expired') return known.isPastDeadline ? undefined : 'expired before a deadline, or without one'
  if (!OPEN.has(status ?? '')) return `the status ${String(status)}`
  if (isOver) return `${status}, though all is over`
  // A retried event may wait in the spool of the process that did not answer, besides the promised copy.
  const mayBeTwice = facts.ownId !== undefined || facts.identity !== 'none'
  if (status === 'spooled' && level !== 'spooled' && level !== undefined && !known.isLevelVague && !mayBeTwice) {
    return `spooled, though promised as ${level}`
  }
  // While Redis is away, a process knows only the copy in its spool, whatever became of the one in the queue.
  if (status === 'spooled' && isDisturbed && (mayBeTwice || level === 'spooled')) return undefined
  return lastEnd !== undefined && fateAfter !== 'replayed' ? `${status} after ${lastEnd}` : undefined
}

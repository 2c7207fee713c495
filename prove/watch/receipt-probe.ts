import { receiptProblem, type ReceiptAnswer } from '../checks/receipt.ts'
import { keyOf } from '../load/request.ts'
import { integer, pick, type Random } from '../../rig/random.ts'
import type { World } from '../world.ts'

const READ_TIMEOUT_MS = 4_000
/** Most requests are for one of this many latest events, since events in flight are of most interest. */
const RECENT_EVENTS = 300
const RECENT_SHARE = 0.7
const MOST_ENDS = 200_000
/** An event without enough time left for a call expires before its deadline. */
const DEADLINE_TOLERANCE_MS = 1_000
/** How long an ended fault may still prevent an answer. */
const ECHO_MS = 8_000

/** Requests receipts from time to time, and compares them with the observations of the consumer. */
export class ReceiptProbe {
  asked = 0
  readonly byStatus: Record<string, number> = {}
  readonly #world: World
  readonly #urls: readonly string[]
  readonly #random: Random
  readonly #ends = new Map<number, 'done' | 'dead-letter'>()

  constructor (world: World, urls: readonly string[], random: Random) {
    this.#world = world
    this.#urls = urls
    this.#random = random
  }

  /** Requests the receipt of an event, mostly of one of the latest. */
  async askAny (): Promise<void> {
    const { posted } = this.#world.checker
    if (posted === 0) return
    const isRecent = this.#random() < RECENT_SHARE
    await this.ask(integer(this.#random, isRecent ? Math.max(0, posted - RECENT_EVENTS) : 0, posted - 1), false)
  }

  /** @param isOver whether everything has ended, so that only a final receipt can be true */
  async ask (sequence: number, isOver: boolean): Promise<void> {
    const { checker, violations } = this.#world
    const level = checker.levelOf(sequence)
    const facts = this.#world.factsOf(sequence)
    const asked = this.#questionFor(sequence)
    if (level === undefined || asked === undefined) return
    const askedAt = this.#world.now()
    const fateBefore = checker.fateOf(sequence)
    const wasHandledBefore = checker.isHandled(sequence)
    const answer = await read(`${pick(this.#random, this.#urls)}/api/v1/events/${asked.path}`)
    // Nobody knows which receipt of an event that a fault has destroyed is true.
    if (checker.fateOf(sequence) === 'damaged' || this.#world.account.isForgettable(sequence)) return
    this.asked++
    const status = answer.status ?? String(answer.http)
    this.byStatus[status] = (this.byStatus[status] ?? 0) + 1
    const lastEnd = this.#ends.get(sequence)
    const problem = receiptProblem(answer, facts, {
      ids: this.#idsOf(sequence, asked.ids),
      level,
      isLevelVague: checker.isLevelVague(sequence),
      wasHandledBefore,
      wasHandled: checker.isHandled(sequence),
      fateBefore,
      fateAfter: checker.fateOf(sequence),
      isPastDeadline: facts.leftMs !== undefined &&
        checker.postedAt(sequence) + facts.leftMs <= this.#world.now() + DEADLINE_TOLERANCE_MS,
      lastEnd, isDisturbed: this.#world.isDisturbed(askedAt, this.#world.now(), ECHO_MS), isOver
    })
    if (problem !== undefined) {
      violations.record(
        'receipts',
        `event ${sequence} (${facts.form}) at ${(askedAt / 1_000).toFixed(1)} s: ${problem}`
      )
    }
    if ((answer.status === 'done' || answer.status === 'dead-letter') && this.#ends.size < MOST_ENDS) {
      this.#ends.set(sequence, answer.status)
    }
  }

  /**
   * Returns the ids that a receipt may name; undefined if any will do. If one process spooled a key and another queued
   * it, the receipt by the key names the id of the queued copy, whose answer may have been lost.
   */
  #idsOf (sequence: number, ids: readonly string[]): readonly string[] | undefined {
    const { checker } = this.#world
    if (this.#world.factsOf(sequence).ownId !== undefined || !this.#world.mayBeStoredTwice(sequence)) return ids
    const delivered = checker.deliveredId(sequence)
    return delivered === undefined ? undefined : [...ids, delivered]
  }

  /** Returns its own id, its Idempotency-Key or the answered id; undefined if none is known. */
  #questionFor (sequence: number): { ids: string[], path: string } | undefined {
    const { checker } = this.#world
    const { form, identity, ownId, organizationId, source } = this.#world.factsOf(sequence)
    const answered = checker.answeredIds(sequence)
    const isByKey = identity === 'key' || identity === 'both'
    // Spillway remembers an event with both by the key.
    if (ownId !== undefined && !isByKey) return question(ownId, ownId, { organizationId, source })
    const [id] = answered
    const isAlone = form === 'single' || form === 'structured' || form === 'binary' || form === 'datastream'
    if (isByKey && isAlone && (ownId !== undefined || id !== undefined) && answered.length < 2) {
      return question(keyOf(sequence), ownId ?? id as string, { organizationId })
    }
    return id === undefined || answered.length > 1 ? undefined : question(id, id, {})
  }
}

/** @param shownId the id of the event, if the request is for another */
function question (
  id: string, shownId: string, query: Record<string, string | undefined>
): { ids: string[], path: string } {
  const known = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]]
  )
  return { ids: [shownId, id], path: `${encodeURIComponent(id)}?${new URLSearchParams(known).toString()}` }
}

async function read (url: string): Promise<ReceiptAnswer> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) })
    const { status, id, type, priority, attempt } = await answer.json() as Record<string, unknown>
    return {
      http: answer.status,
      status: answer.ok || answer.status === 404 ? String(status) : undefined,
      id,
      type,
      priority,
      attempt
    }
  } catch {
    return { http: 0, status: undefined, id: undefined, type: undefined, priority: undefined, attempt: undefined }
  }
}

/*
 * Holds each act of the forecast against the later truth. An act was right if the limit would have been reached by
 * the time that was predicted: if it was, or would have been with the events kept out since. Otherwise
 * events were refused, or workers asked for, in vain. The share of acts that were right is the precision.
 */
import type { Act } from './acts.ts'
import { restored } from './saved-state.ts'

/** An act and the breach that it was for, on the clock of the readings. */
export interface TakenAct {
  readonly act: Act
  readonly at: number
  /** The moment by which the limit is to be reached, if the prediction is right. */
  readonly dueAt: number
  readonly limit: number
  /** Events that were kept out so far, ever. */
  readonly keptOut: number
}

export interface SettledAct extends TakenAct {
  readonly wasRight: boolean
  /** The highest depth since, with the events kept out. */
  readonly highest: number
}

interface Count {
  right: number
  wrong: number
}

function none (): Count {
  return { right: 0, wrong: 0 }
}

export class ActLedger {
  readonly learned: Record<Act, Count>
  /** One of each kind at most: an act goes on until its truth is known. */
  readonly #open = new Map<Act, SettledAct>()

  constructor (saved?: unknown) {
    this.learned = restored(saved, { 'ask-for-workers': none(), 'sample-low-harder': none(), 'pre-shed-low': none() })
  }

  /** Books an act, and returns whether it is a new one: while one of its kind is open, it is the same act. */
  record (taken: TakenAct): boolean {
    if (this.#open.has(taken.act)) return false
    this.#open.set(taken.act, { ...taken, wasRight: false, highest: 0 })
    return true
  }

  /** Takes in a reading and returns the acts whose truth is now known. */
  observe ({ at, depth, keptOut }: { at: number, depth: number, keptOut: number }): readonly SettledAct[] {
    return [...this.#open.values()].flatMap((open) => {
      const highest = Math.max(open.highest, depth + keptOut - open.keptOut)
      const now = { ...open, highest, wasRight: highest >= open.limit }
      const isSettled = now.wasRight || at >= open.dueAt
      if (!isSettled) {
        this.#open.set(open.act, now)
        return []
      }
      this.#open.delete(open.act)
      this.learned[open.act][now.wasRight ? 'right' : 'wrong']++
      return [now]
    })
  }

  /** Forgets the acts whose truth is not known; they count as neither right nor wrong. */
  forgetOpen (): void {
    this.#open.clear()
  }

  /** Returns the share of acts of a kind that were right; undefined before the truth of one is known. */
  precisionOf (act: Act): number | undefined {
    const { right, wrong } = this.learned[act]
    return right + wrong === 0 ? undefined : right / (right + wrong)
  }
}

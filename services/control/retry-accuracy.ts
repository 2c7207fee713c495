/*
 * Holds the suggested wait of refusals against the true one, the time until an event of the same class would first have
 * been admitted:
 *
 *   accuracy = suggested seconds / max(1 s, true seconds)          1 is exact, 2 is twice as long as necessary
 *
 * A flood is refused thousands of times a second for the same reason, so between two readings of the queue the first
 * refusal of each class stands for all. Those that are open are thinned out evenly when there are too many.
 */
import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'
import { isAboutLoad, type Refusal } from '../admission/refusal.ts'
import { MIN_RETRY_AFTER_SECONDS } from '../admission/retry-after.ts'
import { SortedWindow } from './forecast/sorted-window.ts'
import { byClass, type ByClass } from './wait.ts'

/** Refusals of a class whose true wait is not known yet. */
const MOST_OPEN = 256
/** Settled refusals of a class that quantiles are of. */
const WINDOW = 512

/** The quantiles of the last refusals that are settled; null before the first. */
export interface AccuracyQuantiles {
  readonly p50: number | null
  readonly p90: number | null
}

export interface RetryAccuracyOptions {
  /** Milliseconds of any clock that does not go back. */
  readonly now: () => number
  readonly onSettled?: (name: PriorityClass, accuracy: number) => void
}

interface OpenRefusal {
  readonly at: number
  readonly suggestedSeconds: number
}

/** Returns the suggested wait as a multiple of the true one, at least the shortest that an answer can name. */
export function retryAccuracy (suggestedSeconds: number, trueMs: number): number {
  return suggestedSeconds / Math.max(MIN_RETRY_AFTER_SECONDS, trueMs / 1_000)
}

class ClassAccuracy {
  readonly window = new SortedWindow(WINDOW)
  /** When the class was first refused since it last got in; undefined while it gets in. */
  since: number | undefined
  open: OpenRefusal[] = []
  /** Readings between two refusals that are followed, and those that are still to pass. */
  spacing = 1
  pause = 0
}

export class RetryAccuracy {
  readonly #options: RetryAccuracyOptions
  readonly #classes = byClass(() => new ClassAccuracy())

  constructor (options: RetryAccuracyOptions) {
    this.#options = options
  }

  /** Takes in a refusal that a producer got; quotas and refusals for ever say nothing of the queue. */
  refused (name: PriorityClass, { kind, retryAfterSeconds }: Refusal): void {
    const state = this.#classes[name]
    if (state.pause > 0 || retryAfterSeconds === undefined || !isAboutLoad(kind)) return
    const at = this.#options.now()
    state.since ??= at
    state.pause = state.spacing
    state.open.push({ at, suggestedSeconds: retryAfterSeconds })
    if (state.open.length < MOST_OPEN) return
    state.open = state.open.filter((_refusal, index) => index % 2 === 0)
    state.spacing *= 2
  }

  /** An event of the class got in. */
  admitted (name: PriorityClass): void {
    if (this.#classes[name].since !== undefined) this.#settle(name)
  }

  /** Takes in a reading of the queue. @param admits whether an event of the class would get in now */
  observe (admits: (name: PriorityClass) => boolean): void {
    for (const name of PRIORITY_CLASSES) {
      const state = this.#classes[name]
      if (state.pause > 0) state.pause--
      if (state.since !== undefined && admits(name)) this.#settle(name)
    }
  }

  /** Milliseconds for which each class has been refused without a break; 0 while it gets in. */
  get refusedMs (): ByClass {
    const now = this.#options.now()
    return byClass((name) => Math.max(0, now - (this.#classes[name].since ?? now)))
  }

  get quantiles (): ByClass<AccuracyQuantiles> {
    return byClass((name) => {
      const { window } = this.#classes[name]
      const shown = (share: number) => window.size === 0 ? null : Math.round(window.quantile(share) * 100) / 100
      return { p50: shown(0.5), p90: shown(0.9) }
    })
  }

  #settle (name: PriorityClass): void {
    const { now, onSettled } = this.#options
    const state = this.#classes[name]
    const at = now()
    for (const { at: refusedAt, suggestedSeconds } of state.open) {
      const accuracy = retryAccuracy(suggestedSeconds, at - refusedAt)
      state.window.add(accuracy)
      onSettled?.(name, accuracy)
    }
    Object.assign(state, { open: [], since: undefined, spacing: 1 })
  }
}

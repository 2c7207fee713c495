import type { CircuitState } from '../admission/circuit.ts'
import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'
import type { Agreement, AgreementByClass } from '../admission/shadow-counts.ts'
import { sum } from '../admission/sum.ts'
import type { Thresholds } from '../admission/thresholds.ts'
import type { Shadowing } from '../control/shadowing.ts'
import { leavesOf } from '../settings/merge-patch.ts'

/** The span of the recent counts, and the distance of the moments that are kept for it, in seconds. */
const RECENT_SECONDS = 300
const SPACING_SECONDS = 10

/** Settings of many organizations do not fit on the page. */
const MOST_FIELDS = 20

/** A shadow as the page shows it. */
export interface ShownShadow {
  /** Milliseconds of the epoch. */
  readonly since: number
  readonly fields: readonly { readonly field: string, readonly live: unknown, readonly tried: unknown }[]
  readonly circuitState: CircuitState
  readonly thresholds: Thresholds
  /** The span of `recent`, in seconds. */
  readonly recentSeconds: number
  readonly recent: AgreementByClass
}

interface Moment {
  readonly second: number
  readonly byClass: AgreementByClass
}

/** Keeps the counts of a shadow in this process over the last minutes. */
export class ShadowView {
  readonly #shadowing: Pick<Shadowing, 'shadow' | 'trial'>
  #of: unknown
  #moments: Moment[] = []
  #latest: Moment | undefined

  constructor (shadowing: Pick<Shadowing, 'shadow' | 'trial'>) {
    this.#shadowing = shadowing
  }

  /** Looks at the counts; to be called each second. */
  record (second: number): void {
    const { shadow } = this.#shadowing
    if (shadow !== this.#of) {
      this.#of = shadow
      this.#moments = []
    }
    this.#latest = shadow && { second, byClass: shadow.counts.byClass }
    if (this.#latest === undefined) return
    const last = this.#moments.at(-1)
    // Counts that a reset has set to zero are no continuation.
    if (last !== undefined && offersOf(last) > offersOf(this.#latest)) this.#moments = []
    if (last === undefined || second - last.second >= SPACING_SECONDS) this.#moments.push(this.#latest)
    if (this.#moments.length > RECENT_SECONDS / SPACING_SECONDS) this.#moments.shift()
  }

  /** Returns the shadow beside these settings; undefined without one. */
  shown (settings: Readonly<Record<string, unknown>>): ShownShadow | undefined {
    const { shadow, trial } = this.#shadowing
    const latest = this.#latest
    if (shadow === undefined || trial === undefined || latest === undefined || shadow !== this.#of) return undefined
    const live = leavesOf(settings)
    const [first] = this.#moments
    const { circuitState, thresholds } = shadow.controller.signals
    return {
      since: shadow.since,
      fields: [...leavesOf(trial.document)].slice(0, MOST_FIELDS)
        .map(([field, tried]) => ({ field, live: live.get(field) ?? null, tried })),
      circuitState,
      thresholds,
      recentSeconds: latest.second - (first?.second ?? latest.second),
      recent: Object.fromEntries(PRIORITY_CLASSES.map((name) =>
        [name, difference(latest.byClass[name], first?.byClass[name])])) as Record<PriorityClass, Agreement>
    }
  }
}

function offersOf ({ byClass }: Moment): number {
  return sum(Object.values(byClass).flatMap((agreement) => Object.values(agreement) as number[]))
}

function difference (now: Agreement, before: Agreement | undefined): Agreement {
  return {
    bothAdmit: now.bothAdmit - (before?.bothAdmit ?? 0),
    bothRefuse: now.bothRefuse - (before?.bothRefuse ?? 0),
    onlyLiveRefuses: now.onlyLiveRefuses - (before?.onlyLiveRefuses ?? 0),
    onlyShadowRefuses: now.onlyShadowRefuses - (before?.onlyShadowRefuses ?? 0)
  }
}

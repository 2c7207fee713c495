import { PRIORITY_CLASSES, type PriorityClass } from './priority-class.ts'

/** The outcomes of an offer besides the reasons of refusals. */
export const ADMITTED = 'admitted'
export const SAMPLED = 'sampled'

/** Offers with the same pair of outcomes. */
export interface ComparedDecisions {
  readonly priorityClass: PriorityClass
  /** `admitted`, `sampled`, or the reason of the refusal. */
  readonly live: string
  readonly shadow: string
  readonly count: number
}

/** Offers of a class by who would have stored them; one that a sample leaves out counts as refused. */
export interface Agreement {
  readonly bothAdmit: number
  readonly bothRefuse: number
  readonly onlyLiveRefuses: number
  readonly onlyShadowRefuses: number
}

export type AgreementByClass = Readonly<Record<PriorityClass, Agreement>>

/** Counts the outcomes of offers under the settings in force, and under those of a shadow. */
export class ShadowCounts {
  readonly #counts = new Map<PriorityClass, Map<string, Map<string, number>>>()

  add (priorityClass: PriorityClass, live: string, shadow: string): void {
    const byLive = entry(this.#counts, priorityClass, () => new Map<string, Map<string, number>>())
    const byShadow = entry(byLive, live, () => new Map<string, number>())
    byShadow.set(shadow, (byShadow.get(shadow) ?? 0) + 1)
  }

  /** The counts of all pairs that were seen. */
  get decisions (): ComparedDecisions[] {
    return [...this.#counts].flatMap(([priorityClass, byLive]) => [...byLive].flatMap(([live, byShadow]) =>
      [...byShadow].map(([shadow, count]) => ({ priorityClass, live, shadow, count }))))
  }

  get byClass (): AgreementByClass {
    const { decisions } = this
    return Object.fromEntries(PRIORITY_CLASSES.map((name) => {
      const sum = (doesLive: boolean, doesShadow: boolean) => decisions
        .filter(({ priorityClass }) => priorityClass === name)
        .filter(({ live, shadow }) => (live === ADMITTED) === doesLive && (shadow === ADMITTED) === doesShadow)
        .reduce((total, { count }) => total + count, 0)
      return [name, {
        bothAdmit: sum(true, true), bothRefuse: sum(false, false),
        onlyLiveRefuses: sum(false, true), onlyShadowRefuses: sum(true, false)
      }]
    })) as Record<PriorityClass, Agreement>
  }

  reset (): void {
    this.#counts.clear()
  }
}

function entry<Key, Value> (map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

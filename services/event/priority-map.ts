/** The priorities of an event from different sources; NaN is not allowed. */
export interface PrioritySources {
  /** Priority in the header X-Event-Priority. */
  readonly header: number | undefined
  /** Priority in the event itself. */
  readonly own: number | undefined
  /** The type of the event, if known. */
  readonly type: string | undefined
}

/** Knows the priorities of types, and which source of a priority takes precedence. */
export class PriorityMap {
  readonly #byType: ReadonlyMap<string, number>
  readonly #fallback: number

  constructor (byType: Readonly<Record<string, number>>, fallback: number) {
    this.#byType = new Map(Object.entries(byType))
    this.#fallback = fallback
  }

  /**
   * Resolves the priority of an event in any form: the header precedes the event, the event precedes its type.
   * Undefined while none of them is known.
   */
  resolve (sources: PrioritySources & { readonly type: string }): number
  resolve (sources: PrioritySources): number | undefined
  resolve ({ header, own, type }: PrioritySources): number | undefined {
    return header ?? own ?? (type === undefined ? undefined : this.#byType.get(type) ?? this.#fallback)
  }
}

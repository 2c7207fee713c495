/** Gives an event the priority of its type, when neither a header nor its body names one. */
export class PriorityMap {
  readonly #byType: ReadonlyMap<string, number>
  readonly #fallback: number

  constructor (byType: Readonly<Record<string, number>>, fallback: number) {
    this.#byType = new Map(Object.entries(byType))
    this.#fallback = fallback
  }

  priorityOf (type: string): number {
    return this.#byType.get(type) ?? this.#fallback
  }
}

/** Numbers uniform in [0, 1). */
export type Random = () => number

/** The generator mulberry32: 32 bits of state; a seed gives the same numbers on every machine. */
export function mulberry32 (seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Returns a separate stream for one part of a run, so that the draws of one part do not affect another. */
export function randomOf (seed: number, part: string): Random {
  let mixed = seed >>> 0
  for (const character of part) mixed = Math.imul(mixed ^ (character.codePointAt(0) as number), 0x01000193) >>> 0
  return mulberry32(mixed)
}

/** Returns an integer from `low` to `high`, both included. */
export function integer (random: Random, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1))
}

/** Returns one of the items. */
export function pick<T> (random: Random, items: readonly T[]): T {
  return items[integer(random, 0, items.length - 1)] as T
}

/** Returns the items in random order (Fisher and Yates). */
export function shuffled<T> (random: Random, items: readonly T[]): T[] {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last--) {
    const other = integer(random, 0, last)
    ;[order[last], order[other]] = [order[other] as T, order[last] as T]
  }
  return order
}

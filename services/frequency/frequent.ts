/*
 * Finds the most frequent keys, with a fixed number of places: the Space-Saving algorithm of A. Metwally, D. Agrawal
 * and A. El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005.
 *
 * A key with a place adds to its count. A new key takes the place with the least count and inherits that count as its
 * error, since it may have been missed that often. With W as the sum of all that was added, and k places,
 *
 *   count - error <= true sum of the key <= count        error <= W / k
 *
 * so each key with more than W / k has a place: keys that come once push none of these out. All counts and W fade by
 * the same factor, which keeps their order and these laws.
 *
 * A heap finds the least count. It orders the places by bounds that lag behind the counts, so that adding costs
 * nothing:
 *
 *   bounds   2 ──┬── 5 ── 9        a bound is never above the count of its place, so the place at the top is the least
 *   counts   2   └── 5    40       one as soon as its bound is its count; otherwise the bound is raised and sinks
 *
 * Giving a place away is the most expensive step, so the number of them between two fadings is bounded. Further new
 * keys, when nearly all are different, get no place; a count may be too small by their sum, which also fades.
 */

/** The place of a key that has none. */
export const NO_PLACE = -1

/** Less than this counts as nothing: numbers that halve for ever become slow to compute with. */
const LEAST = 1e-9

export interface FrequentOptions {
  /** Number of places. */
  readonly room: number
  /** Places that are given away between two fadings. */
  readonly mostReplaced: number
  /** Called before another key gets a place. */
  readonly onReplaced: (place: number) => void
}

export class Frequent {
  readonly #options: FrequentOptions
  readonly #placeOf = new Map<string, number>()
  readonly #keys: string[] = []
  readonly #counts: Float64Array
  readonly #errors: Float64Array
  readonly #bounds: Float64Array
  /** Places, the least bound first. */
  readonly #heap: Int32Array
  #replaced = 0
  #passedOver = 0

  constructor (options: FrequentOptions) {
    this.#options = options
    this.#counts = new Float64Array(options.room)
    this.#errors = new Float64Array(options.room)
    this.#bounds = new Float64Array(options.room)
    this.#heap = new Int32Array(options.room)
  }

  /** Sum of what no count contains, faded. */
  get passedOver (): number { return this.#passedOver }

  /** The keys with places, each at the index of its place. */
  get keys (): readonly string[] { return this.#keys }

  /** Adds to a key and returns its place, or NO_PLACE. */
  add (key: string, amount: number): number {
    const { room, mostReplaced } = this.#options
    const known = this.#placeOf.get(key)
    if (known !== undefined) {
      this.#counts[known]! += amount
      return known
    }
    if (this.#keys.length < room) return this.#append(key, amount)
    if (this.#replaced < mostReplaced) return this.#replace(key, amount)
    this.#passedOver += amount
    return NO_PLACE
  }

  /** Adds to the key that has a place. */
  raise (place: number, amount: number): void {
    this.#counts[place]! += amount
  }

  /** Returns the place of a key, or NO_PLACE. */
  placeOf (key: string): number {
    return this.#placeOf.get(key) ?? NO_PLACE
  }

  /** The faded count of a place, which is at most `errorAt` too high. */
  countAt (place: number): number { return this.#counts[place] as number }

  errorAt (place: number): number { return this.#errors[place] as number }

  /** Multiplies all counts by a factor of at most 1. */
  fade (factor: number): void {
    this.#replaced = 0
    this.#passedOver *= factor
    for (const values of [this.#counts, this.#errors, this.#bounds]) fadeAll(values, factor)
  }

  #append (key: string, amount: number): number {
    const place = this.#keys.push(key) - 1
    this.#placeOf.set(key, place)
    this.#counts[place] = amount
    this.#bounds[place] = amount
    this.#rise(place)
    return place
  }

  #replace (key: string, amount: number): number {
    const place = this.#least()
    this.#replaced++
    this.#options.onReplaced(place)
    this.#placeOf.delete(this.#keys[place] as string)
    this.#placeOf.set(key, place)
    this.#keys[place] = key
    this.#errors[place] = this.#counts[place] as number
    this.#counts[place]! += amount
    return place
  }

  #least (): number {
    for (;;) {
      const place = this.#heap[0] as number
      const count = this.#counts[place] as number
      if ((this.#bounds[place] as number) >= count) return place
      this.#bounds[place] = count
      this.#sink()
    }
  }

  /** Puts a place at the end of the heap, and moves it up. */
  #rise (place: number): void {
    const heap = this.#heap
    const bound = this.#bounds[place] as number
    let index = this.#keys.length - 1
    while (index > 0) {
      const parent = (index - 1) >>> 1
      if ((this.#bounds[heap[parent] as number] as number) <= bound) break
      heap[index] = heap[parent] as number
      index = parent
    }
    heap[index] = place
  }

  /** Moves the first place of the heap down. */
  #sink (): void {
    const heap = this.#heap
    const bounds = this.#bounds
    const place = heap[0] as number
    const bound = bounds[place] as number
    const size = this.#keys.length
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= size) break
      const isRightLess = child + 1 < size &&
        (bounds[heap[child + 1] as number] as number) < (bounds[heap[child] as number] as number)
      if (isRightLess) child++
      if ((bounds[heap[child] as number] as number) >= bound) break
      heap[index] = heap[child] as number
      index = child
    }
    heap[index] = place
  }
}

/** Multiplies all values by a factor of at most 1. */
export function fadeAll (values: Float64Array, factor: number): void {
  for (let index = 0; index < values.length; index++) {
    const faded = (values[index] as number) * factor
    values[index] = faded < LEAST ? 0 : faded
  }
}

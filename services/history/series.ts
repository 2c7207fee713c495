/*
 * The last hour, a point a second, in columns:
 *
 *   time      1782892800 1782892801 1782892802 …   seconds of the epoch, rising; missed seconds are absent
 *   depth.low        120        118        NaN …   NaN if unknown, which JSON writes as null
 *
 * Each column is a ring in an array of fixed length: an hour takes the same memory in its first second and after a
 * year.
 */
import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'

/** An hour. */
export const MOST_POINTS = 3_600

/**
 * Columns of one number a second: events, events per second, worker processes, batches at once, seconds, and the index
 * of a circuit state.
 */
export const COLUMNS = [
  'active',
  'delayed',
  'arrivalRate',
  'drainRate',
  'workers',
  'capacity',
  'oldestWaitingSeconds',
  'circuit',
  'spooled'
] as const

type Column = typeof COLUMNS[number]

/** The figures of one second; NaN stands for an unknown one. */
export interface SignalPoint extends Readonly<Record<Column, number>> {
  /** Seconds of the epoch. */
  readonly time: number
  /** Events waiting or active, by class. */
  readonly depth: Readonly<Record<PriorityClass, number>>
  /** Events refused in that second, by reason. */
  readonly shed: Readonly<Record<string, number>>
}

/** Points in columns of equal length, as viewers get them. */
export interface Series extends Record<Column, number[]> {
  time: number[]
  depth: Record<PriorityClass, number[]>
  shed: Record<string, number[]>
}

export class SeriesRing {
  readonly #reasons: readonly string[]
  readonly #capacity: number
  readonly #columns: Map<string, Float64Array>
  #next = 0
  #size = 0

  /** @param reasons all reasons to shed that have a column */
  constructor (reasons: readonly string[], capacity = MOST_POINTS) {
    this.#reasons = reasons
    this.#capacity = capacity
    const names = ['time', ...COLUMNS, ...PRIORITY_CLASSES.map(depthColumn), ...reasons.map(shedColumn)]
    this.#columns = new Map(names.map((name) => [name, new Float64Array(capacity)]))
  }

  /** Seconds of the epoch of the newest point, -Infinity without one. */
  get lastTime (): number {
    return this.#size === 0 ? -Infinity : this.#column('time')[this.#place(this.#size - 1)] as number
  }

  /** Appends a point that is newer than all others; the oldest is dropped if there is no room. */
  append (point: SignalPoint): void {
    const place = this.#next
    this.#column('time')[place] = point.time
    for (const name of COLUMNS) this.#column(name)[place] = point[name]
    for (const name of PRIORITY_CLASSES) this.#column(depthColumn(name))[place] = point.depth[name]
    for (const reason of this.#reasons) this.#column(shedColumn(reason))[place] = point.shed[reason] ?? NaN
    this.#next = (place + 1) % this.#capacity
    this.#size = Math.min(this.#size + 1, this.#capacity)
  }

  clear (): void {
    this.#next = 0
    this.#size = 0
  }

  /** Returns all points after `after`, seconds of the epoch. */
  since (after: number): Series {
    const times = this.#column('time')
    let first = this.#size
    while (first > 0 && (times[this.#place(first - 1)] as number) > after) first--
    const values = (name: string) =>
      Array.from({ length: this.#size - first }, (_, index) => this.#column(name)[this.#place(first + index)] as number)
    return seriesOf(this.#reasons, values)
  }

  /** Returns the place in the columns of a point by age; 0 is the oldest. */
  #place (index: number): number {
    return (this.#next - this.#size + index + this.#capacity) % this.#capacity
  }

  #column (name: string): Float64Array {
    return this.#columns.get(name) as Float64Array
  }
}

function depthColumn (name: PriorityClass): string {
  return `depth.${name}`
}

function shedColumn (reason: string): string {
  return `shed.${reason}`
}

function seriesOf (reasons: readonly string[], values: (column: string) => number[]): Series {
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, values(name)])) as Record<Column, number[]>
  return {
    time: values('time'),
    depth: Object.fromEntries(PRIORITY_CLASSES.map((name) => [name, values(depthColumn(name))])) as Record<
      PriorityClass,
      number[]
    >,
    ...columns,
    shed: Object.fromEntries(reasons.map((reason) => [reason, values(shedColumn(reason))]))
  }
}

/*
 * How much work is done per unit of effort, over the last minute in which there was any to do. Work ends in lumps: a
 * batch of many events at once, or as many batches as there are slots when their calls began together. So a rate
 * goes from lump to lump, where it is exact however few they are, and not over a stretch of time that cuts a gap in
 * two:
 *
 *   lumps    ┃    ┃    ┃    ┃          ┃          ┃
 *            └─── older ────┴──── the last n ─────┘ now
 *
 * A consumer that slows down or recovers must not be averaged with what it was. When the last n lumps came far slower
 * or faster than those before them, more than chance explains, the older ones are forgotten; a silence that is far too
 * long counts as such a lump.
 *
 * Chance is that of exponential gaps: a sum of n of them is of a gamma distribution, with a relative deviation of 1 /
 * sqrt(n) and a heavier tail on the side of long gaps. Both bounds below are met by chance about once in ten million
 * times; test/ has the hours.
 */

/** Points before this much evidence are forgotten, but for the last few. */
const WINDOW_MS = 60_000
const LEAST_POINTS = 4

/** Lumps closer together than this are one, which bounds a window to about 600 points. */
const SPACING_MS = 100

/** Below this much evidence a rate tells more of chance than of workers. */
const LEAST_EVIDENCE_MS = 2_000

/** Fewer lumps that came fast may be one batch of calls that began together. */
const FEWEST_FAST_LUMPS = 8

/** The work of an interval. */
export interface WorkInterval {
  readonly elapsedMs: number
  readonly events: number
  /** The effort behind it, in a unit of the caller, such as milliseconds of workers. */
  readonly effort: number
  /** Events in work, times milliseconds. By Little's law this over the events is how long a batch is in work. */
  readonly inWorkMs: number
}

/** Sums since the window began, as they were when a lump ended. */
interface Point {
  elapsedMs: number
  events: number
  effort: number
  inWorkMs: number
}

export class WorkWindow {
  #points: Point[] = [{ elapsedMs: 0, events: 0, effort: 0, inWorkMs: 0 }]
  #now: Point = { elapsedMs: 0, events: 0, effort: 0, inWorkMs: 0 }

  add ({ elapsedMs, events, effort, inWorkMs }: WorkInterval): void {
    const now = this.#now
    this.#now = {
      elapsedMs: now.elapsedMs + elapsedMs, events: now.events + events, effort: now.effort + effort,
      inWorkMs: now.inWorkMs + inWorkMs
    }
    if (events === 0) return
    const points = this.#points
    const beforeLast = points.at(-2)
    if (beforeLast !== undefined && this.#now.elapsedMs - beforeLast.elapsedMs < SPACING_MS) points.pop()
    points.push(this.#now)
    this.#forgetChange()
    const oldest = this.#points.findIndex((point) => this.#now.elapsedMs - point.elapsedMs <= WINDOW_MS)
    const surplus = Math.min(oldest, this.#points.length - LEAST_POINTS)
    if (surplus > 0) this.#points.splice(0, surplus)
  }

  /** Events per unit of effort; undefined for too little to tell, Infinity for no effort that anybody saw. */
  get rate (): number | undefined {
    const first = this.#points[0] as Point
    const last = this.#points.at(-1) as Point
    if (this.#now.elapsedMs < LEAST_EVIDENCE_MS || last === first) return undefined
    const measured = (last.events - first.events) / (last.effort - first.effort)
    // The next lump ends now at the earliest.
    const lumps = this.#points.length - 1
    const lump = (last.events - first.events) / lumps
    const silentMs = this.#now.elapsedMs - last.elapsedMs
    const from = isSlower({ lumps: 1, msPerEvent: silentMs / lump, spanMs: silentMs }, paceOf(first, last, lumps))
      ? last
      : first
    return Math.min(measured, (last.events - from.events + lump) / (this.#now.effort - from.effort))
  }

  /** Lumps behind the rate. By chance it is off by 1 / sqrt(lumps) of itself, as said above. */
  get lumps (): number { return this.#points.length - 1 }

  /** Forgets all before the last lumps when those tell of another speed. */
  #forgetChange (): void {
    const points = this.#points
    const last = points.at(-1) as Point
    const first = points[0] as Point
    for (let n = 1; n < points.length - 1; n *= 2) {
      const from = points.at(-1 - n) as Point
      const older = paceOf(first, from, points.length - 1 - n)
      const recent = paceOf(from, last, n)
      if (isSlower(recent, older) || isFaster(recent, older)) {
        this.#points = points.slice(-1 - n)
        return
      }
    }
  }
}

interface Pace {
  readonly lumps: number
  readonly spanMs: number
  readonly msPerEvent: number
  /** How long a batch is in work. */
  readonly serviceMs: number
}

function paceOf (from: Point, to: Point, lumps: number): Pace {
  const events = to.events - from.events
  const spanMs = to.elapsedMs - from.elapsedMs
  return { lumps, spanMs, msPerEvent: spanMs / events, serviceMs: (to.inWorkMs - from.inWorkMs) / events }
}

function isSlower (recent: Omit<Pace, 'serviceMs'>, older: Pace): boolean {
  const inverse = 1 / recent.lumps + 1 / older.lumps
  const unlikely = 1 + 8 * Math.sqrt(inverse) + 6 * inverse
  return recent.msPerEvent > older.msPerEvent * unlikely && recent.spanMs >= 2 * older.serviceMs
}

function isFaster (recent: Pace, older: Pace): boolean {
  const unlikely = Math.exp(7 * Math.sqrt(1 / recent.lumps + 1 / older.lumps))
  return (
    recent.lumps >= FEWEST_FAST_LUMPS &&
    recent.msPerEvent * unlikely < older.msPerEvent &&
    recent.spanMs >= 2 * recent.serviceMs
  )
}

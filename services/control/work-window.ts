/*
 * Measures the work per unit of effort, over the last minute with work to do. Work ends in lumps: a batch of many
 * events, or a batch for each slot if their calls began together. So a rate is measured from lump to lump, which is
 * exact for any number of lumps; a fixed period would cut a gap in two:
 *
 *   lumps    ┃    ┃    ┃    ┃          ┃          ┃
 *            └─── older ────┴──── the last n ─────┘ now
 *
 * The speed of a consumer that slows down or recovers must not be averaged with its old speed. If the last n lumps came
 * so much slower or faster than the earlier ones that chance does not explain it, the earlier ones are forgotten; a
 * silence that is far too long counts as such a lump.
 *
 * The model of chance is exponential gaps: a sum of n gaps has a gamma distribution, with a relative deviation of 1 /
 * sqrt(n) and a heavier tail on the side of long gaps. Chance reaches either bound below about once in ten million
 * times; test/ simulates hours.
 */

/** Points older than this much evidence are forgotten, except for the last few. */
const WINDOW_MS = 60_000
const LEAST_POINTS = 4

/** Lumps closer together than this count as one, which bounds a window to about 600 points. */
const SPACING_MS = 100

/** With less evidence than this, a rate is mostly chance. */
const LEAST_EVIDENCE_MS = 2_000

/** Fewer fast lumps than this may be calls that began together. */
const FEWEST_FAST_LUMPS = 8

/** The work of an interval. */
export interface WorkInterval {
  readonly elapsedMs: number
  readonly events: number
  /** The effort behind it, in a unit of the caller, such as milliseconds of workers. */
  readonly effort: number
  /** Events in work, times milliseconds. By Little's law, this divided by the events is the time of a batch in work. */
  readonly inWorkMs: number
}

/** Sums since the start of the window, at the end of a lump. */
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

  /** Events per unit of effort; undefined without enough evidence, Infinity without measured effort. */
  get rate (): number | undefined {
    const first = this.#points[0] as Point
    const last = this.#points.at(-1) as Point
    if (this.#now.elapsedMs < LEAST_EVIDENCE_MS || last === first) return undefined
    const measured = (last.events - first.events) / (last.effort - first.effort)
    // The next lump has not ended yet.
    const lumps = this.#points.length - 1
    const lump = (last.events - first.events) / lumps
    const silentMs = this.#now.elapsedMs - last.elapsedMs
    const from = isSlower({ lumps: 1, msPerEvent: silentMs / lump, spanMs: silentMs }, paceOf(first, last, lumps))
      ? last
      : first
    return Math.min(measured, (last.events - from.events + lump) / (this.#now.effort - from.effort))
  }

  /** Lumps behind the rate. Its relative error by chance is 1 / sqrt(lumps), as said above. */
  get lumps (): number { return this.#points.length - 1 }

  /** Forgets all earlier lumps if the last ones have a different speed. */
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
  /** The time of a batch in work. */
  readonly serviceMs: number
}

function paceOf (from: Point, to: Point, lumps: number): Pace {
  const events = to.events - from.events
  const spanMs = to.elapsedMs - from.elapsedMs
  return { lumps, spanMs, msPerEvent: spanMs / events, serviceMs: (to.inWorkMs - from.inWorkMs) / events }
}

function isSlower (recent: Omit<Pace, 'serviceMs'>, older: Pace): boolean {
  if (recent.msPerEvent <= older.msPerEvent) return false
  const inverse = 1 / recent.lumps + 1 / older.lumps
  const unlikely = 1 + 8 * Math.sqrt(inverse) + 6 * inverse
  return recent.msPerEvent > older.msPerEvent * unlikely && recent.spanMs >= 2 * older.serviceMs
}

function isFaster (recent: Pace, older: Pace): boolean {
  if (recent.lumps < FEWEST_FAST_LUMPS || recent.msPerEvent >= older.msPerEvent) return false
  const unlikely = Math.exp(7 * Math.sqrt(1 / recent.lumps + 1 / older.lumps))
  return recent.msPerEvent * unlikely < older.msPerEvent && recent.spanMs >= 2 * recent.serviceMs
}

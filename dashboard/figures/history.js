/** @import { Column, Incident, Series } from '../contract.d.ts' */
import { PRIORITY_CLASSES } from './priority-classes.js'

export const MOST_SECONDS = 3_600
export const MOST_INCIDENTS = 500

/** One missing second means a late timer, not a gap. */
const TOLERATED_STEP_SECONDS = 2

/** If the clock jumps back by more than this, the stored seconds are useless. */
const CLOCK_STEP_SECONDS = 5

/** The paths of the columns that every series has. */
const PATHS =
  /** @type {const} */ ([
    'active',
    'delayed',
    'arrivalRate',
    'drainRate',
    'workers',
    'capacity',
    'oldestWaitingSeconds',
    'circuit',
    'spooled'
  ])
/** @returns {Series} */
function emptySeries () {
  return {
    time: [],
    depth: { critical: [], normal: [], low: [] },
    shed: {},
    active: [],
    delayed: [],
    arrivalRate: [],
    drainRate: [],
    workers: [],
    capacity: [],
    oldestWaitingSeconds: [],
    circuit: [],
    spooled: []
  }
}

/** The last hour, second by second, from the stream. Missing seconds are unknown, not zero. */
export class History {
  series = emptySeries()
  /** Newest last. @type {Incident[]} */
  incidents = []

  clear () {
    this.series = emptySeries()
    this.incidents = []
  }

  /**
   * Adds seconds and incidents that are newer than the stored ones.
   *
   * @param {Series} series
   * @param {readonly Incident[]} incidents
   */
  append (series, incidents) {
    for (const [index, time] of series.time.entries()) {
      if ((this.series.time.at(-1) ?? 0) - time > CLOCK_STEP_SECONDS) this.series = emptySeries()
      const last = this.series.time.at(-1)
      if (last !== undefined && time <= last) continue
      // One entry without figures is enough to interrupt a line.
      if (last !== undefined && time > last + TOLERATED_STEP_SECONDS) this.#push(last + 1, emptySeries(), 0)
      this.#push(time, series, index)
    }
    this.#forget()
    const known = new Set(this.incidents.map(keyOf))
    const fresh = incidents.filter((incident) => !known.has(keyOf(incident)))
    if (fresh.length > 0)
      this.incidents = [...this.incidents, ...fresh].toSorted((a, b) => a.time - b.time).slice(-MOST_INCIDENTS)
  }

  /**
   * @param {number} time
   * @param {Series} source
   * @param {number} index
   */
  #push (time, source, index) {
    const { series } = this
    const length = series.time.length
    series.time.push(time)
    for (const path of PATHS) series[path].push(source[path]?.[index] ?? null)
    for (const name of PRIORITY_CLASSES) series.depth[name].push(source.depth[name]?.[index] ?? null)
    for (const reason of Object.keys(source.shed)) {
      if (!Object.hasOwn(series.shed, reason)) series.shed[reason] = Array.from({ length }, () => null)
    }
    for (const [reason, column] of Object.entries(series.shed)) column.push(source.shed[reason]?.[index] ?? null)
  }

  /** Drops entries older than an hour. */
  #forget () {
    const { series } = this
    const earliest = (series.time.at(-1) ?? 0) - MOST_SECONDS
    const count = series.time.findIndex((time) => time > earliest)
    if (count <= 0) return
    for (const column of columnsOf(series)) column.splice(0, count)
  }
}

/** @param {Series} series @returns {(Column | number[])[]} */
export function columnsOf (series) {
  return [
    series.time,
    ...PATHS.map((path) => series[path]),
    ...PRIORITY_CLASSES.map((name) => series.depth[name]),
    ...Object.values(series.shed)
  ]
}

/** @param {Incident} incident */
function keyOf ({ time, kind, text }) {
  return `${time} ${kind} ${text}`
}

/** @import { Incident, Mode, Series } from '../contract.d.ts' */
import { circuitSpans } from './circuit-spans.js'
import { formatClock, formatCount, formatDuration, formatList, formatPlural } from './format.js'

/**
 * Summarizes the time that the series covers.
 *
 * @param {Series} series
 * @returns {{ openings: number, openSeconds: number, lastOpenedAt: number | undefined, refused: number, byReason: {
 *   reason: string, events: number }[], peakDepth: number | null, peakAt: number | undefined }}
 */
export function summarize ({ time, circuit, depth, shed }) {
  const open = circuitSpans(time, circuit, depth.critical).filter(({ state }) => state === 'OPEN')
  const byReason = Object.entries(shed)
    .map(([reason, column]) => ({
      reason,
      events: column.reduce((/** @type {number} */ sum, value) => sum + (value ?? 0), 0)
    }))
    .filter(({ events }) => events > 0).toSorted((a, b) => b.events - a.events)
  /** @type {number | null} */
  let peakDepth = null
  /** @type {number | undefined} */
  let peakAt
  for (const [index, second] of time.entries()) {
    const parts = [depth.critical[index], depth.normal[index], depth.low[index]]
    if (parts.some((part) => part === null || part === undefined)) continue
    const whole = parts.reduce((/** @type {number} */ sum, part) => sum + (part ?? 0), 0)
    if (peakDepth !== null && whole <= peakDepth) continue
    peakDepth = whole
    peakAt = second
  }
  const refused = byReason.reduce((sum, { events }) => sum + events, 0)
  return {
    openings: open.length,
    openSeconds: open.reduce((sum, { from, to }) => sum + to - from, 0),
    lastOpenedAt: open.at(-1)?.from,
    refused,
    byReason,
    peakDepth,
    peakAt
  }
}

/**
 * Summarizes it in one or two sentences.
 *
 * @param {Series} series
 * @param {{ timeZone?: string, mode?: Mode, incidents?: readonly Incident[] }} [options] the current mode, and the
 *   incidents that may have switched it
 */
export function describeHour (series, { timeZone, mode = 'true', incidents = [] } = {}) {
  const first = series.time[0]
  if (first === undefined) return ''
  const { openings, openSeconds, refused, byReason, peakDepth, peakAt } = summarize(series)
  const since = `Since ${formatClock(first * 1_000, { timeZone })}`
  const opened = openings === 0
    ? 'the circuit never opened'
    : `the circuit opened ${
      openings === 1 ? 'once' : openings === 2 ? 'twice' : `${formatCount(openings)} times`
    }, for ${formatDuration(openSeconds)} in all`
  const modes = new Set([
    mode,
    ...incidents.filter(({ kind }) => kind === 'mode').flatMap(({ from, to }) => [from, to])
  ])
  const auxiliary = refused === 1 ? 'was' : 'were'
  const verb = !modes.has('observe')
    ? auxiliary
    : modes.has('true')
    ? `${auxiliary}, or would have been,`
    : 'would have been'
  const shed = refused === 0
    ? 'nothing was refused'
    : `${formatPlural(refused, 'event')} ${verb} refused (${
      formatList(byReason.map(({ reason, events }) => `${formatCount(events)} ${reason}`))
    })`
  const peak = peakDepth === null || peakDepth === 0 || peakAt === undefined
    ? ''
    : ` Deepest queue: ${formatCount(peakDepth)} at ${formatClock(peakAt * 1_000, { timeZone })}.`
  return `${since} ${opened}, and ${shed}.${peak}`
}

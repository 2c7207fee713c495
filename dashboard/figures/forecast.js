/** @import { Ahead } from '../contract.d.ts' */
import { formatCount, formatRoughDuration, formatShortCount } from './format.js'

/**
 * @typedef {object} BandPoint
 * @property {number} at epoch seconds
 * @property {number} depth
 * @property {number | null} low null until enough is known
 * @property {number | null} high the same
 * @property {boolean} isTrusted the skill of the forecast has been proven as far ahead as this
 */

/**
 * Returns the points of the band ahead of now: now itself, whose depth is certain, and one for each horizon. None
 * without a forecast, or if the depth of now is unknown.
 *
 * @param {readonly Ahead[]} forecast the nearest first
 * @param {number | undefined} now epoch seconds
 * @param {number | null} depth of now
 * @returns {BandPoint[]}
 */
export function forecastBand (forecast, now, depth) {
  if (now === undefined || depth === null || forecast.length === 0) return []
  return [
    { at: now, depth, low: depth, high: depth, isTrusted: true },
    ...forecast.map((ahead) => ({
      at: now + ahead.horizonMs / 1_000, depth: ahead.depth, low: ahead.low, high: ahead.high, isTrusted: ahead.isTrusted
    }))
  ]
}

/**
 * Returns how many seconds ahead of now the charts show. While the forecast is unknown they keep the room that they
 * had, so that nothing moves; while it is off there is none.
 *
 * @param {readonly Ahead[] | null} forecast
 * @param {number} before the seconds until now
 */
export function secondsAhead (forecast, before) {
  const furthest = forecast?.at(-1)
  return forecast === null ? 0 : furthest === undefined ? before : furthest.horizonMs / 1_000
}

/**
 * Returns the forecast as far ahead as it is proven; undefined if it is not.
 *
 * @param {readonly Ahead[] | null} forecast
 */
export function provenForecast (forecast) {
  return forecast?.findLast(({ isTrusted }) => isTrusted)
}

/**
 * Describes the forecast in the few words of a legend; undefined while it is unknown. The edges of the band are named
 * only once the forecast is proven: before, they may even lie on one side of it.
 *
 * @param {readonly Ahead[]} forecast
 * @param {boolean} isRefusing whether events are refused, which the forecast leaves aside
 */
export function forecastLegend (forecast, isRefusing) {
  const ahead = provenForecast(forecast) ?? forecast.at(-1)
  if (ahead === undefined) return undefined
  const { depth, low, high, horizonMs, isTrusted } = ahead
  const range = low === null || high === null ? '' : ` (${formatShortCount(low)} to ${formatShortCount(high)})`
  return `${formatShortCount(depth)} in ${formatRoughDuration(horizonMs / 1_000)}${
    isTrusted ? range : ', not proven'
  }${isRefusing ? ', if nothing were refused' : ''}`
}

/**
 * Describes the forecast in a sentence for screen readers; undefined while it is unknown.
 *
 * @param {readonly Ahead[]} forecast
 * @param {boolean} isRefusing
 */
export function describeForecast (forecast, isRefusing) {
  const ahead = provenForecast(forecast) ?? forecast.at(-1)
  if (ahead === undefined) return undefined
  const { depth, low, high, horizonMs, isTrusted } = ahead
  const hasRange = isTrusted && low !== null && high !== null
  const range = hasRange ? `, from ${formatCount(low)} to ${formatCount(high)} nine times in ten` : ''
  return `The forecast${isTrusted ? '' : ', which is not proven,'} expects about ${formatCount(depth)} in ${
    formatRoughDuration(horizonMs / 1_000)
  }${isRefusing ? ' if nothing were refused' : ''}${range}.`
}

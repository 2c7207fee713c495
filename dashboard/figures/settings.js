/** @import { SettingsChange, State } from '../contract.d.ts' */
import { formatAgo, formatCount } from './format.js'

/** The thresholds in ascending order, and their names on this page. */
export const THRESHOLD_NAMES = /** @type {const} */ ({
  recovery: 'recovery', warning: 'warning', critical: 'critical', hardLimit: 'hard limit'
})

/** @typedef {keyof typeof THRESHOLD_NAMES} ThresholdName */

const NAMES = /** @type {ThresholdName[]} */ (Object.keys(THRESHOLD_NAMES))

/**
 * The thresholds in force in one line.
 *
 * @param {State} state
 */
export function thresholdsText ({ thresholds }) {
  return NAMES.map((name) => `${THRESHOLD_NAMES[name]} ${formatCount(thresholds[name])}`).join(', ')
}

/**
 * The version of the settings, with who changed them last, when and what.
 *
 * @param {State} state
 */
export function versionText ({ settings: { version, lastChange }, time }) {
  if (lastChange === null) return 'as configured, never changed'
  return `${version}, ${formatAgo(Date.parse(lastChange.at), time)} by ${lastChange.by}: ${changesText(lastChange)}`
}

/** @param {SettingsChange} change */
function changesText ({ changes, rollbackTo }) {
  const fields = changes.map(({ field, to, isConfigured }) => {
    const value = typeof to === 'number' ? formatCount(to) : String(to)
    return `${field.split('.').at(-1)} ${value}${isConfigured ? ' (configured)' : ''}`
  })
  const what = fields.length === 0 ? 'nothing' : fields.join(', ')
  return rollbackTo === undefined ? what : `back to version ${rollbackTo}, ${what}`
}

/**
 * Whether an operator has set a threshold.
 *
 * @param {State} state
 * @param {ThresholdName} name
 */
export function isThresholdSet ({ settings: { overrides } }, name) {
  return overrides.backpressure?.thresholds?.[name] !== undefined
}

/**
 * The merge patch for what was entered; undefined if that changes nothing. An empty text stands for the configured
 * value.
 *
 * @param {State} state
 * @param {Record<ThresholdName, string>} entered
 */
export function thresholdsPatch (state, entered) {
  /** @type {Partial<Record<ThresholdName, number | null>>} */
  const changed = {}
  for (const name of NAMES) {
    const text = entered[name].trim()
    if (text === '') {
      if (isThresholdSet(state, name)) changed[name] = null
    } else if (Number(text) !== state.thresholds[name]) changed[name] = Number(text)
  }
  return Object.keys(changed).length === 0 ? undefined : { backpressure: { thresholds: changed } }
}

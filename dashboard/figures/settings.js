/** @import { SettingsChange, SettingsField, State } from '../contract.d.ts' */
import { formatAgo, formatCount } from './format.js'

/** The thresholds in ascending order, and their names on this page. */
const THRESHOLD_NAMES = /** @type {const} */ ({
  recovery: 'recovery', warning: 'warning', critical: 'critical', hardLimit: 'hard limit'
})

const NAMES = /** @type {(keyof typeof THRESHOLD_NAMES)[]} */ (Object.keys(THRESHOLD_NAMES))

/** A setting that can be changed here. @typedef {SettingsField & { label: string }} Field */

/**
 * Describes the version of the settings and their last change: operator, time and fields.
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
    return `${shortField(field)} ${value}${isConfigured ? ' (configured)' : ''}`
  })
  const what = fields.length === 0 ? 'nothing' : fields.join(', ')
  return rollbackTo === undefined ? what : `back to version ${rollbackTo}, ${what}`
}

/**
 * Leaves out of a path what people know without it.
 *
 * @param {string} field
 */
function shortField (field) {
  return field.replace(/^(backpressure\.(thresholds\.)?|control\.|quotas\.(organizations\.)?)/, '')
}

/**
 * Returns the thresholds of the operators as fields of the settings. Adaptive thresholds stay within them.
 *
 * @param {State} state
 * @returns {Field[]}
 */
export function thresholdFields ({ settings: { thresholds, overrides } }) {
  return NAMES.map((name) => ({
    field: `backpressure.thresholds.${name}`,
    label: THRESHOLD_NAMES[name],
    value: thresholds[name],
    isSet: overrides.backpressure?.thresholds?.[name] !== undefined
  }))
}

/**
 * Returns all other settings except the mode.
 *
 * @param {State} state
 * @returns {Field[]}
 */
export function furtherFields ({ settings: { further } }) {
  return further.map((field) => ({ ...field, label: field.field }))
}

/** @param {readonly Field[]} fields */
export function fieldsText (fields) {
  return fields.map(({ label, value }) => `${label} ${typeof value === 'number' ? formatCount(value) : textOf(value)}`)
    .join(', ')
}

/**
 * Returns the text of a value in an input field.
 *
 * @param {unknown} value
 */
export function textOf (value) {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * Returns the merge patch for the entered texts by field; undefined if they change nothing. An empty text stands for
 * the configured value.
 *
 * @param {readonly Field[]} fields
 * @param {Record<string, string>} entered
 */
export function settingsPatch (fields, entered) {
  /** @type {Record<string, any>} */
  const patch = {}
  for (const { field, value, isSet } of fields) {
    const text = entered[field]?.trim() ?? ''
    if (text === '' ? !isSet : text === textOf(value)) continue
    const names = namesOf(field)
    const last = /** @type {string} */ (names.pop())
    const members = names.reduce((object, name) => object[name] ??= {}, patch)
    members[last] = text === '' ? null : valueOf(text, typeof value)
  }
  return Object.keys(patch).length === 0 ? undefined : patch
}

/**
 * Returns the names in a path; those that would be ambiguous have quotes.
 *
 * @param {string} field
 * @returns {string[]}
 */
function namesOf (field) {
  return (field.match(/"(?:[^"\\]|\\.)*"|[^."]+/g) ?? []).map((name) => name.startsWith('"') ? JSON.parse(name) : name)
}

/**
 * Converts a text to a value. It passes invalid text on, since the service reports what is wrong with it.
 *
 * @param {string} text
 * @param {string} type
 */
function valueOf (text, type) {
  if (type === 'string') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

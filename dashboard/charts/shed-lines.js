/** @import { Column } from '../contract.d.ts' */
/** @import { Line } from './chart.js' */

/** Reasons in the order of the stack, each with its own colour and texture. @type {readonly Line[]} */
const KNOWN = [
  { name: 'circuit-open', colour: 'shed-1', texture: 'solid', isStepped: true },
  { name: 'low-priority-shed', colour: 'shed-2', texture: 'rising', isStepped: true },
  { name: 'smooth-shed', colour: 'shed-9', texture: 'level', isStepped: true, isOptional: true },
  { name: 'queue-bytes', colour: 'shed-7', texture: 'dots', isStepped: true, isOptional: true },
  { name: 'queue-full', colour: 'shed-3', texture: 'falling', isStepped: true, isOptional: true },
  { name: 'queue-unavailable', colour: 'shed-4', texture: 'rising', isStepped: true, isOptional: true },
  { name: 'process-overloaded', colour: 'shed-5', texture: 'level', isStepped: true, isOptional: true },
  { name: 'bodies-in-flight', colour: 'shed-8', texture: 'rising', isStepped: true, isOptional: true },
  { name: 'fair-share', colour: 'shed-13', texture: 'dots', isStepped: true, isOptional: true },
  { name: 'pre-shed', colour: 'shed-10', texture: 'falling', isStepped: true, isOptional: true },
  { name: 'delay-budget', colour: 'shed-12', texture: 'dots', isStepped: true, isOptional: true },
  { name: 'would-expire', colour: 'shed-11', texture: 'falling', isStepped: true, isOptional: true }
]

/**
 * The last line of the chart of refusals: all reasons without their own line, such as those of added policies.
 *
 * @type {Line}
 */
const OTHER = { name: 'other reasons', colour: 'shed-6', texture: 'solid', isStepped: true, isOptional: true }

export const SHED_LINES = [...KNOWN, OTHER]

/**
 * Returns the columns of these lines.
 *
 * @param {Record<string, (number | null)[]>} shed
 * @param {number[]} time
 * @param {Column} known a column that is null where nothing is known
 * @returns {(number | null)[][]}
 */
export function shedColumns (shed, time, known) {
  const isNamed = new Set(KNOWN.map(({ name }) => name))
  const others = Object.entries(shed).filter(([reason]) => !isNamed.has(reason)).map(([, column]) => column)
  // In a second with other known figures, a missing reason means that it refused nothing.
  const isKnown = time.map((_, index) =>
    (known[index] ?? null) !== null || Object.values(shed).some((column) => (column[index] ?? null) !== null)
  )
  const sum = (/** @type {(number | null)[][]} */ columns) =>
    time.map((_, index) => isKnown[index] ? columns.reduce((total, column) => total + (column[index] ?? 0), 0) : null)
  return [...KNOWN.map(({ name }) => sum(shed[name] === undefined ? [] : [shed[name]])), sum(others)]
}

/*
 * JsonLogic expressions, checked when the file is loaded, so a misspelled operator never meets an event.
 *
 * The engine can run an expression in two ways. `build` generates code; in 5.0.7 that code disagrees with the
 * interpreter where data is missing or of another type (`cat` writes "null", `>` lets a text pass as a number). `run`
 * turns an expression into closures at its first use: about 0.1 µs per evaluation, no generated code, and the
 * documented results. We use `run`.
 */
import { LogicEngine, defaultMethods } from 'json-logic-engine'
import { childPath, type Report } from './problem.ts'
import { isRecord } from '../event/record.ts'

/**
 * The operators of a rules file, none with side effects. The list is explicit, so a new operator is a decision; `get`
 * is omitted, since it reads functions from prototypes.
 */
export const OPERATORS: ReadonlySet<string> = new Set([
  'var', 'val', 'exists', 'missing', 'missing_some',
  '==', '===', '!=', '!==', '<', '<=', '>', '>=',
  '!', 'not', '!!', 'and', 'or', 'if', '?:', '??', 'try', 'throw',
  '+', '-', '*', '/', '%', 'max', 'min',
  'in', 'cat', 'substr', 'length',
  'map', 'filter', 'reduce', 'all', 'every', 'some', 'none', 'merge',
  'keys', 'eachKey', 'pipe', 'preserve'
])

/** Operators with unevaluated arguments, which would fail on every event with a list shorter than this. */
const MINIMUM_ARGUMENTS: ReadonlyMap<string, number> = new Map([
  ...['<', '<=', '>', '>=', '==', '===', '!=', '!==', 'map', 'filter', 'reduce', 'all', 'every', 'some', 'none'].map((
    name
  ) => [name, 2] as const),
  ...['and', 'or', 'if', '?:', '??', 'pipe'].map((name) => [name, 1] as const)
])

const METHODS = Object
  .fromEntries([...OPERATORS].map((name) => [name, (defaultMethods as Record<string, unknown>)[name]]))

/** The library reads `value.constructor.name`, which throws on a payload with a field of that name. */
class Engine extends LogicEngine {
  override truthy (value: unknown): unknown {
    if (Array.isArray(value)) return value.length > 0
    return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value
  }
}

/** Computes a value from the data of an event; throws an Error with the reason if it cannot. */
export type Expression = (data: unknown) => unknown

/** Checks an expression and makes it ready to run. */
export function compileExpression (logic: unknown, path: string, report: Report): Expression {
  checkExpression(logic, path, report)
  // One engine each: an engine stops preparing expressions after some 500 new ones in a row.
  const engine = new Engine(METHODS)
  return (data) => {
    try {
      return engine.run(logic, data)
    } catch (error) {
      throw new Error(describeFailure(error), { cause: error })
    }
  }
}

/** Like compileExpression, for a yes or no: an empty list, object or text, 0 and null are no. */
export function compileCondition (logic: unknown, path: string, report: Report): (data: unknown) => boolean {
  const evaluate = compileExpression(logic, path, report)
  const engine = new Engine(METHODS)
  return (data) => Boolean(engine.truthy(evaluate(data)))
}

function checkExpression (logic: unknown, path: string, report: Report): void {
  if (Array.isArray(logic)) return logic.forEach((item, index) => checkExpression(item, childPath(path, index), report))
  if (typeof logic !== 'object' || logic === null) return
  const names = Object.keys(logic)
  const [name] = names
  if (name === undefined) return
  if (names.length > 1) return report(path, `an expression has one operator, not ${names.length}: ${names.join(', ')}`)
  const operandPath = childPath(path, name)
  if (!OPERATORS.has(name)) return report(operandPath, 'unknown operator')
  if (name === 'preserve') return

  const operand = (logic as Record<string, unknown>)[name]
  const minimum = MINIMUM_ARGUMENTS.get(name)
  if (minimum !== undefined && !(Array.isArray(operand) && operand.length >= minimum)) {
    return report(operandPath, `expected a list of at least ${minimum} argument${minimum === 1 ? '' : 's'}`)
  }
  if (name !== 'eachKey') return checkExpression(operand, operandPath, report)
  if (!isRecord(operand)) return report(operandPath, 'expected an object of expressions')
  for (const [key, value] of Object.entries(operand)) checkExpression(value, childPath(operandPath, key), report)
}

/** The engine throws NaN, objects with a `type` and errors. */
function describeFailure (thrown: unknown): string {
  if (Number.isNaN(thrown)) return 'not a number'
  if (thrown instanceof Error) return thrown.message
  const type: unknown = (thrown as { type?: unknown } | null)?.type
  return typeof type === 'string' ? type : JSON.stringify(thrown) ?? String(thrown)
}

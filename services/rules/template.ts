import { compileExpression, OPERATORS, type Expression } from './expression.ts'
import { childPath, type Report } from './problem.ts'
import { isRecord } from '../event/record.ts'

/** Prepares a JSON value in which an object with an operator as its only key is an expression. */
export function compileTemplate (value: unknown, path: string, report: Report): Expression {
  if (Array.isArray(value)) {
    const items = value.map((item, index) => compileTemplate(item, childPath(path, index), report))
    return (data) => items.map((item) => item(data))
  }
  if (typeof value !== 'object' || value === null) return () => value
  if (isExpression(value)) return compileExpression(value, path, report)
  const fields = Object.entries(value).map(
    ([key, field]) => [key, compileTemplate(field, childPath(path, key), report)] as const
  )
  // fromEntries, because an assignment to a key named __proto__ would change the prototype.
  return (data) => Object.fromEntries(fields.map(([key, field]) => [key, field(data)]))
}

/** Tells whether a value in a template is an expression. */
export function isExpression (template: unknown): template is object {
  if (!isRecord(template)) return false
  const [name, ...more] = Object.keys(template)
  return name !== undefined && more.length === 0 && OPERATORS.has(name)
}

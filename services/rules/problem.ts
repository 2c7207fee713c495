import type { TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

/** Takes down one thing that is wrong with a rules file, with the path of the place that is wrong. */
export type Report = (path: string, problem: string) => void

/** Reports everything in which a value differs from a schema, once per place. */
export function reportSchemaProblems (schema: TSchema, value: unknown, report: Report): void {
  const seen = new Set<string>()
  for (const { path, message, schema: violated } of Value.Errors(schema, value)) {
    // A missing property is also of the wrong type: the first problem of a place says it best.
    if (seen.has(path)) continue
    seen.add(path)
    // `expected` is our own keyword, for schemas whose built-in message would not tell the reader what to write.
    const expected: unknown = violated.expected
    report(readablePath(path), typeof expected === 'string' ? `expected ${expected}` : message.charAt(0).toLowerCase() + message.slice(1))
  }
}

/** The place of a key or index below a path: `rules[2]`, `headers["x-key"]`. */
export function childPath (path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`
  if (!/^[\w$]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`
  return path === '' ? key : `${path}.${key}`
}

/** Turns a JSON pointer into the notation people write: `/rules/2/id` becomes `rules[2].id`. */
function readablePath (pointer: string): string {
  if (pointer === '') return 'the file'
  return pointer.slice(1).split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => childPath(path, /^\d+$/.test(part) ? Number(part) : part), '')
}

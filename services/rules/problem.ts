import type { TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

/** Records one problem of a rules file with the path of its place. */
export type Report = (path: string, problem: string) => void

/** Reports all differences between a value and a schema, once per place. */
export function reportSchemaProblems (schema: TSchema, value: unknown, report: Report): void {
  const seen = new Set<string>()
  for (const { path, message, schema: violated } of Value.Errors(schema, value)) {
    // A missing property also has the wrong type: the first problem of a place is the clearest.
    if (seen.has(path)) continue
    seen.add(path)
    // The custom keyword `expected` replaces built-in messages that do not say what to write.
    const expected: unknown = violated.expected
    report(
      readablePath(path),
      typeof expected === 'string' ? `expected ${expected}` : message.charAt(0).toLowerCase() + message.slice(1)
    )
  }
}

/** Returns the place of a key or index below a path: `rules[2]`, `headers["x-key"]`. */
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

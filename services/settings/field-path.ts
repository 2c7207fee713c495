/*
 * The path of a setting as text: names with dots between them. A name that would be ambiguous has quotes, as in
 * `quotas.organizations."eu.acme".weight`.
 */

/** A name that needs no quotes. */
const BARE = /^[^\s."=\p{Cc}]+$/u

/** A name at the start of a path: a JSON string, or anything up to the next dot, quote or equals sign. */
const NAME = /"(?:[^"\\]|\\.)*"|[^."=]+/y

/** Returns the path of a member. */
export function fieldOf (path: string, name: string): string {
  return joined(path, BARE.test(name) ? name : JSON.stringify(name))
}

/** Returns the path of a field whose own path begins at another one. */
export function joined (path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`
}

/**
 * Reads the path at the start of a text; undefined if there is none.
 *
 * @returns its names, and the number of its characters
 */
export function readPath (text: string): { readonly names: readonly string[], readonly length: number } | undefined {
  const names: string[] = []
  let at = 0
  do {
    NAME.lastIndex = at
    const [written] = NAME.exec(text) ?? []
    const name = written === undefined ? undefined : nameOf(written)
    if (written === undefined || name === undefined) return undefined
    names.push(name)
    at += written.length
  } while (text[at++] === '.')
  return { names, length: at - 1 }
}

function nameOf (written: string): string | undefined {
  if (!written.startsWith('"')) return written
  try {
    return JSON.parse(written) as string
  } catch {
    return undefined
  }
}

import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A document of the project: its path from the root, and its text. */
export interface Document {
  readonly path: string
  readonly text: string
}

/** The documents whose claims are checked. */
export function documents (): Document[] {
  return [
    ...['README.md', 'CONTRIBUTING.md'].filter((path) => existsSync(join(ROOT, path))),
    ...globSync('docs/**/*.md', { cwd: ROOT }).toSorted()
  ]
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

/**
 * Everything that `pattern` finds in the documents, with their places. A pattern with a group gives the
 * group.
 */
export function mentions (pattern: RegExp, sources: readonly Document[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const { path, text } of sources) {
    for (const match of text.matchAll(pattern)) {
      const what = match[1] ?? match[0]
      found.set(what, [...found.get(what) ?? [], path])
    }
  }
  return found
}

/** Compares what documents name with what there is; each line of the answer is a mistake. */
export function mismatches (named: Map<string, string[]>, existing: Iterable<string>, kind: string): string[] {
  const there = new Set(existing)
  return [
    ...[...named].filter(([name]) => !there.has(name)).map(([name, paths]) =>
      `${[...new Set(paths)].join(', ')}: there is no ${kind} ${name}`
    ),
    ...[...there].filter((name) => !named.has(name)).map((name) => `no document names the ${kind} ${name}`)
  ]
}

/** Whether each block of code of a document ends, so that no text after it reads as code. */
export function closesItsCode ({ text }: Document): boolean {
  // A fence with a language only begins a block; the end of one is bare.
  const fences = [...text.matchAll(/^ *```(.*)$/gm)].map(([, language]) => language as string)
  return fences.length % 2 === 0 && fences.every((language, index) => index % 2 === 0 || language === '')
}

/** Headings that a document has twice: a link can lead to the first of them only. */
export function repeatedHeadings ({ text }: Document): string[] {
  const headings = [...text.replace(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading as string)
  return headings.filter((heading, index) => headings.indexOf(heading) < index)
}

/** Links of a document that lead to a file or a heading that is not there. */
export function brokenLinks ({ path, text }: Document): string[] {
  const prose = text.replace(/^```[^]*?^```/gm, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/(?:\]\(|\bsrc(?:set)?=")([^)"\s]+)/g)].map(([, target]) => target as string)
    .filter((target) => {
      if (/^[a-z]+:/.test(target)) return false
      const [file, anchor] = target.split('#') as [string, string?]
      const absolute = file === '' ? join(ROOT, path) : join(ROOT, dirname(path), file)
      return !existsSync(absolute) || (anchor !== undefined && !anchorsOf(readFileSync(absolute, 'utf8')).has(anchor))
    })
}

/** The anchors that headings get: lower case, punctuation gone, spaces as hyphens. */
function anchorsOf (text: string): Set<string> {
  return new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading as string).toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')))
}

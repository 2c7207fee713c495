/*
 * Finds sentences that a reader has to read twice: those that open with a relative clause instead of their subject, and
 * phrases that hide the actor. Comments and documents are read; the texts of an API have a test of their own.
 */

/** A text that breaks a rule, with the number of its line from 1. */
export interface Offence {
  readonly line: number
  readonly text: string
}

interface Passage {
  readonly line: number
  readonly text: string
  /** A heading is no sentence: only phrases count in it. */
  readonly isHeading?: boolean
}

/** Words that open a relative clause, and phrases that hide the actor, as parts of expressions. */
export const OPENINGS = 'What|Who|Whoever|Of|That|Which|Whose'
export const PHRASES = 'is told|are told|goes by|comes along|by itself|worked off|turns round'

const OPENING = new RegExp(`(?:^|[.!?:][*_)"'\`]* |@param \\S+ )(?:${OPENINGS}|Where (?:it is not|there is))\\b`)
const PHRASE = new RegExp(`\\b(?:${PHRASES}|is taken to)\\b`, 'i')

const SHOWN_CHARACTERS = 120

/** Comments of each language: blocks, lines that follow one another, and a line after code. */
const SLASHES = /(?<=^|[ \t])\/\*\*?(?=\s)[^]*?\*\/|(?:^[ \t]*\/\/ .*(?:\n|$))+|(?<=[ \t])\/\/ .*$/gm
const DASHES = /(?:^[ \t]*-- .*(?:\n|$))+|(?<=[ \t])-- .*$/gm
const HASHES = /(?:^[ \t]*# .*(?:\n|$))+|(?<=[ \t])# .*$/gm
const COMMENTS: Readonly<Record<string, RegExp>> = { lua: DASHES, sh: HASHES }
const MARKER = /^[ \t]*(?:\/\*\*?|\*\/|\*|\/\/|--|#)?[ \t]?|[ \t]*\*\/$/g

const FENCE = /^[ \t]*```[^]*?^[ \t]*```/gm
/** Text that a program writes: a table of keys, figures of the bench. */
const GENERATED = /<!-- (?:begin [^>]*generated|bench:\S+) -->[^]*?<!-- (?:end [^>]*|\/bench) -->/g
const HEADING = /^#+ /
/** A list item, a table row, a quotation and a heading each begin a passage. */
const NEW_PASSAGE = /^[ \t]*(?:[-*] |\d+\. |> |\||#+ )/

/** Finds the offences in the comments of a source file; the extension says how its language writes them. */
export function offencesInComments (source: string, extension: string): Offence[] {
  return [...source.matchAll(COMMENTS[extension] ?? SLASHES)].flatMap(({ 0: comment, index }) => {
    const lines = comment.split('\n').map((line) => line.replace(MARKER, ''))
    return offencesIn(passagesOf(lines, lineAt(source, index)))
  })
}

/** Finds the offences in a document in Markdown, beside code and generated text. */
export function offencesInDocument (document: string): Offence[] {
  const written = document.replace(FENCE, blank).replace(GENERATED, blank)
  return offencesIn(passagesOf(written.split('\n'), 1))
}

function offencesIn (passages: readonly Passage[]): Offence[] {
  return passages.flatMap(({ line, text, isHeading = false }) => {
    const at = [text.search(PHRASE), isHeading ? -1 : text.search(OPENING)].filter((found) => found !== -1)
    return at.map((found) => ({ line, text: text.slice(found, found + SHOWN_CHARACTERS) }))
  })
}

/** Joins the lines of a passage, so that a sentence may begin and a phrase may break anywhere. */
function passagesOf (lines: readonly string[], firstLine: number): Passage[] {
  const passages: Passage[] = []
  let open: string[] = []
  let line = firstLine
  const close = () => {
    const text = open.join(' ')
    const unmarked = text.replace(NEW_PASSAGE, '').replace(/^[*_]+/, '')
    if (text !== '') passages.push({ line, text: text.trimStart().startsWith('|') ? text : unmarked, isHeading: HEADING.test(text) })
    open = []
  }
  for (const [index, text] of lines.entries()) {
    if (text.trim() === '' || NEW_PASSAGE.test(text)) close()
    if (text.trim() === '') continue
    if (open.length === 0) line = firstLine + index
    open.push(open.length === 0 ? text : text.trim())
  }
  close()
  return passages
}

function lineAt (text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

/** Leaves the ends of lines, so that the others keep their numbers. */
function blank (text: string): string {
  return text.replace(/[^\n]+/g, '')
}

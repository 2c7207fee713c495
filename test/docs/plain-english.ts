/*
 * Finds sentences that a reader has to read twice: those that open with a relative clause instead of their subject, and
 * phrases that hide the actor or stand for another word. Reads documents, comments, and the texts in source files.
 */

/** A text that breaks a rule, with the number of its line from 1. */
export interface Offence {
  readonly rule: string
  readonly line: number
  readonly text: string
}

interface Passage {
  readonly line: number
  readonly text: string
  /** A heading is no sentence: openings do not count in it. */
  readonly isHeading?: boolean
}

const OPENING = '(?:^|[.!?:][*_)"\'`]* |@param \\S+ )'

/** Openings that put a relative clause where the subject belongs. */
const OPENINGS: Readonly<Record<string, RegExp>> = {
  'opens with a relative word': new RegExp(`${OPENING}(?:What|Who|Whoever|Of|That|Which|Whose)\\b`),
  'opens with Where': new RegExp(`${OPENING}Where (?:it|there|they|this|that|one|none|no)\\b`)
}

/** Phrases that hide the actor or have a plain word, and pictures of things that have a name. */
const PHRASES: Readonly<Record<string, RegExp>> = {
  'is told': /\b(?:is|are|was|were|be|been) told\b/i,
  'is taken': /\b(?:is|are|was|were|be|been) taken\b/i,
  'is found': /\b(?:is|are|was|were|be|been) found\b/i,
  'goes by': /\bgo(?:es)? by\b/i,
  'comes along': /\bcomes? along\b/i,
  'by itself': /\bby (?:itself|themselves)\b/i,
  'as well': /\bas well\b/i,
  'worked off': /\bwork(?:s|ed|ing)? off\b/i,
  'turns round': /\bturn(?:s|ed|ing)? round\b/i,
  whoever: /\bwhoever\b/i,
  door: /\bdoors?\b/i,
  burial: /\b(?:burials?|bury|buries|buried|burying)\b/i,
  lane: /\blanes?\b/i,
  // Signs of the alphabet may have this name, dead letters may not.
  'letter alone': /(?<!\b(?:dead|capital|lower-case|upper-case)[ -])\bletters?\b(?!,? (?:and )?digits)/i,
  oracle: /\boracles?\b/i,
  neighbour: /\bneighbours?\b/i,
  ground: /\bgrounds?\b/i,
  'under way': /\bunder ?way\b/i
}

/** Connectives that a reader bears once in a paragraph. */
const ONCE: Readonly<Record<string, RegExp>> = {
  'so that twice': /\bso that\b/gi,
  'of which twice': /\bof which\b/gi,
  'in which twice': /\bin which\b/gi,
  'whose twice': /\bwhose\b/gi
}

/** The names of all rules. */
export const RULES: readonly string[] = [OPENINGS, PHRASES, ONCE].flatMap((rules) => Object.keys(rules))

const SHOWN_CHARACTERS = 120

/** Comments of each language: blocks, lines that follow one another, and a line after code. */
const SLASHES = /(?<=^|[ \t])\/\*\*?(?=\s)[^]*?\*\/|(?:^[ \t]*\/\/ .*(?:\n|$))+|(?<=[ \t])\/\/ .*$/gm
const DASHES = /(?:^[ \t]*-- .*(?:\n|$))+|(?<=[ \t])-- .*$/gm
const HASHES = /(?:^[ \t]*#(?: .*)?(?:\n|$))+|(?<=[ \t])# .*$/gm
const WITH_HASHES = ['sh', 'yaml']
const COMMENTS: Readonly<Record<string, RegExp>> = {
  lua: DASHES, ...Object.fromEntries(WITH_HASHES.map((name) => [name, HASHES]))
}
const MARKER = /^[ \t]*(?:\/\*\*?|\*\/|\*|\/\/|--|#)?[ \t]?|[ \t]*\*\/$/g

/** A quoted text of at least three words, between signs that end no word: an apostrophe opens none. */
const TEXT = /(?<![\w\\])(['"`])((?:(?!\1)[^\\\n]|\\.)*? (?:(?!\1)[^\\\n]|\\.)*? (?:(?!\1)[^\\\n]|\\.)*?)\1(?!\w)/g

const FENCE = /^[ \t]*```[^]*?^[ \t]*```/gm
/** Text that a program writes: a table of keys, figures of the bench. */
const GENERATED = /<!-- (?:begin [^>]*generated|bench:\S+) -->[^]*?<!-- (?:end [^>]*|\/bench) -->/g
/** Names in code, and targets of links. */
const NAMES = /`[^`]*`|\]\([^)]*\)|\{@link [^}]*\}/g
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

/** Finds the offences in the quoted texts of a source file: messages, titles, descriptions. */
export function offencesInTexts (source: string): Offence[] {
  const code = source.replace(SLASHES, blank)
  return offencesIn([...code.matchAll(TEXT)].map(({ 2: text = '', index }) => ({ line: lineAt(code, index), text })))
}

/** Finds the offences in a document in Markdown, beside code and generated text. */
export function offencesInDocument (document: string): Offence[] {
  const written = document.replace(FENCE, blank).replace(GENERATED, blank)
  return offencesIn(passagesOf(written.split('\n'), 1))
}

/** Returns the numbers of the lines of a document, from 1, that are longer than `most`, beside generated text. */
export function longLines (document: string, most: number): number[] {
  return document.replace(GENERATED, blank).split('\n').flatMap((line, index) => line.length > most ? [index + 1] : [])
}

function offencesIn (passages: readonly Passage[]): Offence[] {
  return passages.flatMap((passage) => {
    const { line, text, isHeading = false } = passage
    const words = text.replace(NAMES, (name) => name.replace(/[^ ]/g, '·'))
    const found = [
      ...isHeading ? [] : placesOf(OPENINGS, words),
      ...placesOf(PHRASES, words),
      ...Object.entries(ONCE).map(([rule, pattern]) => [rule, [...words.matchAll(pattern)][1]?.index ?? -1] as const)
    ]
    return found.filter(([, at]) => at !== -1)
      .map(([rule, at]) => ({ rule, line, text: text.slice(at, at + SHOWN_CHARACTERS) }))
  })
}

function placesOf (rules: Readonly<Record<string, RegExp>>, words: string): [rule: string, at: number][] {
  return Object.entries(rules).map(([rule, pattern]) => [rule, words.search(pattern)])
}

/** Joins the lines of a passage, so that a sentence may begin and a phrase may break anywhere. */
function passagesOf (lines: readonly string[], firstLine: number): Passage[] {
  const passages: Passage[] = []
  let open: string[] = []
  let line = firstLine
  const close = () => {
    const text = open.join(' ')
    const unmarked = text.replace(NEW_PASSAGE, '').replace(/^[*_]+/, '')
    const isRow = text.trimStart().startsWith('|')
    if (text !== '') passages.push({ line, text: isRow ? text : unmarked, isHeading: HEADING.test(text) })
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

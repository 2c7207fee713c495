import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { prepareAnswer, type PreparedAnswer } from './prepared-answer.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml'
}

/** The first request after this time reads a changed file again. */
const CHECK_INTERVAL_MS = 1_000

interface Entry {
  answer: PreparedAnswer
  modifiedMs: number
  checkedAt: number
}

/** Whether browsers may load files of this name. */
export function isForBrowsers (name: string): boolean {
  return extname(name) in TYPES
}

/** Serves files from memory: a request needs no descriptor and no stream. */
export class PreparedFiles {
  readonly #paths: ReadonlyMap<string, string>
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()

  /** @param paths the path of each name; browsers may load all of them */
  constructor (paths: ReadonlyMap<string, string>, now: () => number) {
    this.#paths = paths
    this.#now = now
  }

  /** Reads all of them. */
  async load (): Promise<void> {
    await Promise.all([...this.#paths].map(([name, path]) => this.#read(name, path)))
  }

  /** The file of a name, or undefined when there is none. */
  async get (name: string): Promise<PreparedAnswer | undefined> {
    const entry = this.#entries.get(name)
    if (entry === undefined || this.#now() - entry.checkedAt < CHECK_INTERVAL_MS) return entry?.answer
    entry.checkedAt = this.#now()
    const path = this.#paths.get(name) as string
    // If the file cannot be read, the text in memory is still served.
    const modifiedMs = await stat(path).then(({ mtimeMs }) => mtimeMs, () => entry.modifiedMs)
    if (modifiedMs !== entry.modifiedMs) await this.#read(name, path).catch(() => {})
    return this.#entries.get(name)?.answer
  }

  async #read (name: string, path: string): Promise<void> {
    const { mtimeMs } = await stat(path)
    const answer = prepareAnswer(await readFile(path), TYPES[extname(path)] as string)
    this.#entries.set(name, { answer, modifiedMs: mtimeMs, checkedAt: this.#now() })
  }
}

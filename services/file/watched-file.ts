/*
 * The content of a file in force, kept in step with the file by polling: Kubernetes changes a ConfigMap or a Secret by
 * swapping a symbolic link two folders up, which file notifications miss and a stat of the path does not.
 */
import { readFile, stat } from 'node:fs/promises'

const POLL_INTERVAL_MS = 1_000

export interface WatchedFileOptions<Content> {
  path: string
  /** @throws Error that lists every problem of the text, one a line */
  parse: (text: string) => Content
  /** Called with each new content in force, not with the first. */
  onReloaded: (content: Content) => void
  /** Called once for each new problem of a file that has become invalid; the content in force stays. */
  onInvalid: (problems: readonly string[]) => void
  pollIntervalMs?: number | undefined
}

/** The result of a check of the file; `kept` means that it is invalid and the previous content stays in force. */
export type Reload = 'reloaded' | 'unchanged' | 'kept'

/** Opens a file and watches it until it is closed. @throws Error of the file system, or of `parse` */
export async function watchFile<Content> (options: WatchedFileOptions<Content>): Promise<WatchedFile<Content>> {
  // Read before the text, so a write in between counts as a change.
  const signature = await signatureOf(options.path)
  const text = await readFile(options.path, 'utf8')
  return new WatchedFile(options, { signature, text, content: options.parse(text) })
}

export class WatchedFile<Content> {
  readonly #options: WatchedFileOptions<Content>
  readonly #timer: NodeJS.Timeout
  #current: Content
  #signature: string
  /** The text of the content in force. */
  #text: string
  /** The present fault of the file; reported when it changes, not at every check. */
  #problem: string | undefined
  #looking: Promise<Reload> | undefined

  constructor (
    options: WatchedFileOptions<Content>, { signature, text, content }: {
      readonly signature: string, readonly text: string, readonly content: Content
    }
  ) {
    this.#options = options
    this.#signature = signature
    this.#text = text
    this.#current = content
    this.#timer = setInterval(() => { void this.poll() }, options.pollIntervalMs ?? POLL_INTERVAL_MS).unref()
  }

  /** The content in force. */
  get current (): Content { return this.#current }

  /** Reads the file again if it has changed. Concurrent calls share one check: a file system may hang. */
  poll (): Promise<Reload> {
    this.#looking ??= this.#look().finally(() => { this.#looking = undefined })
    return this.#looking
  }

  /** Stops watching. */
  async close (): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async #look (): Promise<Reload> {
    return await signatureOf(this.#options.path) === this.#signature ? 'unchanged' : await this.#read()
  }

  async #read (): Promise<Reload> {
    const { path, parse, onReloaded, onInvalid } = this.#options
    this.#signature = await signatureOf(path)
    try {
      const text = await readFile(path, 'utf8')
      if (text === this.#text && this.#problem === undefined) return 'unchanged'
      this.#current = parse(text)
      this.#text = text
      this.#problem = undefined
    } catch (error) {
      const { message } = error as Error
      if (message !== this.#problem) onInvalid(message.split('\n'))
      this.#problem = message
      return 'kept'
    }
    onReloaded(this.#current)
    return 'reloaded'
  }
}

async function signatureOf (path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true })
    return [dev, ino, size, mtimeNs].join(':')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable'
  }
}

import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { EmbeddedRedisLog } from './embedded-redis-options.ts'

const KEPT_LINES = 20

/** `pid:role date time level text`, where the level is one of . - * # */
const LINE = /^\d+:\w (?:.*?\d\d:\d\d:\d\d\.\d+ )?([.*#-]) (.*)$/

/** Redis has removed a half-written command from the end of its append-only file, and started. */
const CUT_OFF = /AOF .*loaded anyway because aof-load-truncated is enabled/

/** Writes the output of a Redis server to the log, and keeps the last lines for the error of a failed start. */
export class ServerLog {
  readonly #log: EmbeddedRedisLog
  readonly #isSteady: () => boolean
  readonly #lastLines: string[] = []
  readonly #cutOff = Promise.withResolvers<void>()

  /** @param isSteady whether warnings count: Redis also prints messages of its start and stop as warnings */
  constructor (log: EmbeddedRedisLog, isSteady: () => boolean) {
    this.#log = log
    this.#isSteady = isSteady
  }

  /** Resolves if Redis started on a file whose last command was cut off. */
  get cutOff (): Promise<void> { return this.#cutOff.promise }

  get lastLines (): string { return this.#lastLines.join('\n') }

  read (stream: Readable): void {
    createInterface(stream).on('line', (line) => {
      if (line.trim() === '') return
      const [, level = '#', text = line] = LINE.exec(line) ?? []
      if (CUT_OFF.test(text)) this.#cutOff.resolve()
      this.#lastLines.push(text)
      if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift()
      this.#log[level === '#' && this.#isSteady() ? 'warn' : 'debug']({ event: 'embedded-redis-log' }, text)
    })
  }
}

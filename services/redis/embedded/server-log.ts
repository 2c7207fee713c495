import type { Readable } from 'node:stream'
import type { EmbeddedRedisLog } from './embedded-redis-options.ts'

const KEPT_LINES = 20

/** `pid:role date time level text`, where the level is one of . - * # */
const LINE = /^\d+:\w (?:.*?\d\d:\d\d:\d\d\.\d+ )?([.*#-]) (.*)$/

/** Passes what a Redis server prints on to our log, and keeps the last lines for the message of a failed start. */
export class ServerLog {
  /** Redis prints its greeting and its farewell as warnings: they count as such only in between. */
  isSteady = false
  readonly #log: EmbeddedRedisLog
  readonly #lastLines: string[] = []

  constructor (log: EmbeddedRedisLog) {
    this.#log = log
  }

  get lastLines (): string { return this.#lastLines.join('\n') }

  read (stream: Readable): void {
    let rest = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#take(line)
    })
    stream.once('end', () => { this.#take(rest) })
  }

  #take (line: string): void {
    if (line.trim() === '') return
    const [, level = '#', text = line] = LINE.exec(line) ?? []
    this.#lastLines.push(text)
    if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift()
    this.#log[level === '#' && this.isSteady ? 'warn' : 'debug']({ event: 'embedded-redis-log' }, text)
  }
}

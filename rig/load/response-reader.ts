/*
 * Reads answers from a socket, in pieces of any size. It parses the part of HTTP/1.1 that a generator needs: the
 * status, a length or chunks, and whether the connection stays open. Answers arrive one at a time, since nothing is
 * pipelined.
 *
 *   head ──► body ─────────────────────────────► head
 *     └────► chunk size ◄──► chunk data            ▲
 *               └──────────► trailer ──────────────┘
 */
const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')
const NOTHING = Buffer.alloc(0)
const LENGTH = /\r\ncontent-length: *(\d+)/i
const CHUNKED = /\r\ntransfer-encoding: *chunked/i
const CLOSE = /\r\nconnection: *close/i
const STATUS_AT = 9
const INFORMATIONAL = 200

type State = 'head' | 'body' | 'chunk-size' | 'chunk-data' | 'trailer'

/** One answer. */
export interface Answer {
  status: number
  /** Whether the server closes the connection after this answer. */
  isLast: boolean
  /** Empty unless bodies are kept. */
  body: string
}

/** Parses the bytes of a connection and calls back for each answer. */
export class ResponseReader {
  readonly #onAnswer: (answer: Answer) => void
  readonly #keepsBody: boolean
  #state: State = 'head'
  #left: Buffer = NOTHING
  #missing = 0
  #answer: Answer = { status: 0, isLast: false, body: '' }

  /** @param keepsBody false by default, since counting answers needs no bodies */
  constructor (onAnswer: (answer: Answer) => void, keepsBody = false) {
    this.#onAnswer = onAnswer
    this.#keepsBody = keepsBody
  }

  /** Parses bytes, which the caller may overwrite afterwards. */
  feed (bytes: Buffer): void {
    const all = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes])
    let from = 0
    for (let next = 0; next !== -1;) {
      from = next
      next = this.#step(all, from)
    }
    this.#left = from === all.length ? NOTHING : Buffer.from(all.subarray(from))
  }

  /** Parses what the current state allows and returns the place after it; -1 if more bytes are needed. */
  #step (all: Buffer, from: number): number {
    if (this.#state === 'head') return this.#takeHead(all, from)
    if (this.#state === 'body' || this.#state === 'chunk-data') return this.#takeData(all, from)
    const end = all.indexOf(LINE_END, from)
    if (end === -1) return -1
    const line = all.toString('latin1', from, end)
    // An empty line also ends the data of a chunk.
    if (this.#state === 'chunk-size' && line !== '') {
      this.#missing = Number.parseInt(line, 16)
      this.#state = this.#missing === 0 ? 'trailer' : 'chunk-data'
    } else if (this.#state === 'trailer' && line === '') {
      this.#finish()
    }
    return end + LINE_END.length
  }

  #takeHead (all: Buffer, from: number): number {
    const end = all.indexOf(HEAD_END, from)
    if (end === -1) return -1
    const head = all.toString('latin1', from, end)
    const status = Number(head.slice(STATUS_AT, STATUS_AT + 3))
    if (status >= INFORMATIONAL) {
      this.#answer = { status, isLast: CLOSE.test(head), body: '' }
      this.#missing = Number(LENGTH.exec(head)?.[1] ?? 0)
      if (CHUNKED.test(head)) this.#state = 'chunk-size'
      else if (this.#missing > 0) this.#state = 'body'
      else this.#finish()
    }
    return end + HEAD_END.length
  }

  #takeData (all: Buffer, from: number): number {
    const taken = Math.min(this.#missing, all.length - from)
    if (taken === 0) return -1
    if (this.#keepsBody) this.#answer.body += all.toString('latin1', from, from + taken)
    this.#missing -= taken
    if (this.#missing === 0 && this.#state === 'body') this.#finish()
    else if (this.#missing === 0) this.#state = 'chunk-size'
    return from + taken
  }

  #finish (): void {
    this.#state = 'head'
    this.#onAnswer(this.#answer)
  }
}

/** One answer as it came over a connection. */
export interface Received {
  readonly status: number
  /** Status line and header fields. */
  readonly head: string
  readonly body: string
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) /

/**
 * Splits the bytes of a connection, as latin1 text, into answers. An answer that was cut off has the body that came.
 * Text that belongs to no answer becomes an answer with status 0.
 */
export function answersIn (text: string): Received[] {
  const answers: Received[] = []
  let at = 0
  while (at < text.length) {
    const end = text.indexOf('\r\n\r\n', at)
    const status = Number(STATUS_LINE.exec(text.slice(at, at + 16))?.[1] ?? 0)
    if (end === -1 || status === 0) {
      answers.push({ status: 0, head: '', body: text.slice(at) })
      break
    }
    const head = text.slice(at, end)
    at = end + 4
    if (status < 200) continue
    const length = /^content-length: *(\d+)/im.exec(head)?.[1]
    const { body, next } = length === undefined && /^transfer-encoding: *chunked/im.test(head)
      ? chunksAt(text, at)
      : bodyAt(text, at, Number(length ?? 0))
    answers.push({ status, head, body })
    at = next
  }
  return answers
}

/** An answer to HEAD announces a length and has no body: the next answer follows at once. */
function bodyAt (text: string, at: number, length: number): { body: string, next: number } {
  if (STATUS_LINE.test(text.slice(at, at + 16))) return { body: '', next: at }
  return { body: text.slice(at, at + length), next: at + length }
}

function chunksAt (text: string, from: number): { body: string, next: number } {
  let [at, body] = [from, '']
  while (at < text.length) {
    const lineEnd = text.indexOf('\r\n', at)
    const size = lineEnd === -1 ? NaN : Number.parseInt(text.slice(at, lineEnd), 16)
    if (Number.isNaN(size)) return { body, next: text.length }
    body += text.slice(lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 2 + size + 2
    if (size === 0) return { body, next: at }
  }
  return { body, next: text.length }
}

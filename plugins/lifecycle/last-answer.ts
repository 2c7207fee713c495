import type { IncomingMessage } from 'node:http'
import { finished, Readable } from 'node:stream'

/** How long a sender may go on after it was answered before its connection is cut. */
const MOST_MS = 1_000

/**
 * The last answer on a connection, to a sender that has not finished its body. A connection that is closed while something of the body is
 * unread is reset, which takes the answer from a sender that is still writing (RFC 9112 9.6): the answer is whole, by its length, but does
 * not end before the sender does. What still comes is read and thrown away.
 */
export function lastAnswer (answer: string | Buffer, request: IncomingMessage): Readable {
  return Readable.from((async function * () {
    yield answer
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, MOST_MS)
    const forget = finished(request, { writable: false }, () => resolve())
    // Whoever read the body so far has stopped, and may have left it waiting.
    request.removeAllListeners('readable').resume()
    await promise
    clearTimeout(timer)
    forget()
  })(), { objectMode: false })
}

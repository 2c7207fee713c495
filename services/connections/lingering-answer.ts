import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished, Readable } from 'node:stream'
import { countSmallChunks, smallChunksOf } from './incoming-request.ts'

/** How long a sender may go on after it was answered before its connection is cut. */
const MOST_MS = 30_000

/** The same for a sender that sends nothing: most notice the answer, and the end of their body never comes. */
const MOST_SILENT_MS = 5_000

/** The same for a process that stops. */
const MOST_STOPPING_MS = 1_000

/** Bytes on the wire that are read after an answer, several times the largest array. */
const MOST_BYTES = 134_217_728

/** A chunk costs the same however small it is. */
const MOST_SMALL_CHUNKS = 8_192

/** A rest of a body that costs less to read than a new connection. */
const SHORT_BYTES = 65_536

/** Tells what a sender still owes of its body: nothing, so little that its connection is worth keeping, or more. */
export function unreadBody ({ complete, headers }: IncomingMessage): 'none' | 'short' | 'long' {
  if (complete !== false) return 'none'
  if (headers['transfer-encoding'] !== undefined) return 'long'
  const bytes = Number(headers['content-length'] ?? 0)
  if (bytes === 0) return 'none'
  return bytes <= SHORT_BYTES && headers.expect === undefined ? 'short' : 'long'
}

/**
 * An answer to a sender that has not finished its body. A connection that is closed while something of the body is unread is
 * reset, which takes the answer from a sender that is still writing (RFC 9112 9.6): the answer is whole, by its length, but
 * does not end before the body does. The rest is thrown away. A sender that goes on beyond the bounds of time and
 * bytes is cut off. Those bounds begin when the answers before it on its connection have been given: these say what is
 * stored.
 *
 * @param stopping aborted when the process begins to stop
 */
export function lingeringAnswer (answer: string | Buffer, response: ServerResponse, stopping: AbortSignal): Readable {
  const { req: request } = response
  return Readable.from((async function * () {
    yield answer
    await itsTurn(response)
    await passOver(request, stopping)
    if (!request.complete) request.socket.destroy()
  })(), { objectMode: false })
}

/** Resolves when an answer is the next on its connection, or the connection has ended. */
async function itsTurn (response: ServerResponse): Promise<void> {
  const { socket } = response.req
  if (response.socket !== null || socket.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = () => resolve()
  response.once('socket', end)
  socket.once('close', end)
  await promise
  response.off('socket', end)
  socket.off('close', end)
}

/** Reads on until the body ends, its sender has gone, or a bound is reached. */
async function passOver (request: IncomingMessage, stopping: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { socket } = request
  const readBefore = socket.bytesRead
  const timers = [setTimeout(resolve, stopping.aborted ? MOST_STOPPING_MS : MOST_MS)]
  const silence = setTimeout(resolve, MOST_SILENT_MS)
  const hurry = () => timers.push(setTimeout(resolve, MOST_STOPPING_MS))
  const forget = finished(request, { writable: false }, () => resolve())
  const chunksBefore = smallChunksOf(request)
  let chunks = chunksBefore
  const passChunk = (chunk: Buffer) => {
    silence.refresh()
    chunks = countSmallChunks(request, chunks, chunk)
    if (chunks - chunksBefore > MOST_SMALL_CHUNKS) resolve()
    // On the wire, since chunks of one byte each are six times their body.
    if (socket.bytesRead - readBefore > MOST_BYTES) resolve()
  }
  stopping.addEventListener('abort', hurry, { once: true })
  // The reader of the body has stopped, and may have left it waiting.
  request.removeAllListeners('readable').on('data', passChunk).resume()
  await promise
  for (const timer of [...timers, silence]) clearTimeout(timer)
  stopping.removeEventListener('abort', hurry)
  request.off('data', passChunk)
  forget()
}

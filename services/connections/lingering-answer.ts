import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished, Readable } from 'node:stream'
import { countSmallChunks, smallChunksOf } from './incoming-request.ts'

/** How long a sender may go on after its answer before its connection is cut. */
const MOST_MS = 30_000

/** The same for a silent sender: most clients notice the answer and never finish their body. */
const MOST_SILENT_MS = 5_000

/** The same for a process that stops. */
const MOST_STOPPING_MS = 1_000

/** Bytes on the wire that are read after an answer, several times the largest array. */
const MOST_BYTES = 134_217_728

/** A chunk costs the same however small it is. */
const MOST_SMALL_CHUNKS = 8_192

/** An unread rest of a body that costs less than a new connection. */
const SHORT_BYTES = 65_536

/** Tells how much of a body is still to come: nothing, so little that the connection is worth keeping, or more. */
export function unreadBody ({ complete, headers }: IncomingMessage): 'none' | 'short' | 'long' {
  if (complete !== false) return 'none'
  if (headers['transfer-encoding'] !== undefined) return 'long'
  const bytes = Number(headers['content-length'] ?? 0)
  if (bytes === 0) return 'none'
  return bytes <= SHORT_BYTES && headers.expect === undefined ? 'short' : 'long'
}

/**
 * An answer to a sender that has not finished its body. Closing a connection with unread data resets it, and a sender
 * that still writes loses the answer (RFC 9112 9.6). So the answer is complete by its length, but the response ends
 * only with the body, whose rest is discarded. A sender that exceeds the bounds of time or bytes is cut off. These
 * bounds begin after all earlier answers on the connection: those say what is stored.
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

/** Resolves when the answer is the next on its connection, or the connection has ended. */
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

/** Discards data until the body ends, its sender disconnects, or a bound is reached. */
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
    // Counts bytes on the wire: chunks of one byte take six times their body.
    if (socket.bytesRead - readBefore > MOST_BYTES) resolve()
  }
  stopping.addEventListener('abort', hurry, { once: true })
  // The reader of the body stopped, and may have left the stream paused.
  request.removeAllListeners('readable').on('data', passChunk).resume()
  await promise
  for (const timer of [...timers, silence]) clearTimeout(timer)
  stopping.removeEventListener('abort', hurry)
  request.off('data', passChunk)
  forget()
}

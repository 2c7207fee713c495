import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Calls back once when a request is answered or its connection is gone. An answer emits close with its connection. In
 * older versions of Node.js one that waits for those before it does not, since it has no socket yet, so then the
 * connection is watched too.
 */
export function whenOver ({ socket }: IncomingMessage, response: ServerResponse, callback: () => void): void {
  if (response.destroyed || socket.destroyed) return callback()
  const isWaiting = response.socket === null
  let isOver = false
  const end = () => {
    // A closing connection emits close on its answer while it notifies its own listeners: both call, even after `off`.
    if (isOver) return
    isOver = true
    response.off('close', end)
    if (isWaiting) socket.off('close', end)
    callback()
  }
  response.on('close', end)
  if (isWaiting) socket.on('close', end)
}

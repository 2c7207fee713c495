import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Calls back once when a request is answered or its connection is gone. An answer that waits for those before it on its
 * connection has no socket yet, so the connection is watched too.
 */
export function whenOver ({ socket }: IncomingMessage, response: ServerResponse, callback: () => void): void {
  if (response.destroyed || socket.destroyed) return callback()
  let isOver = false
  const end = () => {
    // A closing connection emits close on its answer while it notifies its own listeners: both call, even after `off`.
    if (isOver) return
    isOver = true
    response.off('close', end)
    socket.off('close', end)
    callback()
  }
  response.on('close', end)
  socket.on('close', end)
}

import type { Socket } from 'node:net'

/**
 * Calls back when a connection has ended. Node would create an error for each of fifteen hundred pipelined requests.
 */
export function onceClosed (socket: Socket, callback: () => void): void {
  let limit = 0
  // Before the listeners of Node, and after them.
  socket.prependOnceListener('close', () => {
    limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
  })
  socket.once('close', () => {
    Error.stackTraceLimit = limit
    callback()
  })
}

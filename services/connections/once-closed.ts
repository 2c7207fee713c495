import type { Socket } from 'node:net'

/**
 * Calls back when a connection has ended. Node makes an error then for each request of it that has no answer, up to fifteen
 * hundred with pipelining. Their stacks would all be the same, lead nowhere, and cost more than all else about the requests.
 */
export function onceClosed (socket: Socket, callback: () => void): void {
  let limit = 0
  // Before Node hears of it, and after.
  socket.prependOnceListener('close', () => {
    limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
  })
  socket.once('close', () => {
    Error.stackTraceLimit = limit
    callback()
  })
}

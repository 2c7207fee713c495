import type { Socket } from 'node:net'

/**
 * Waits for something other than the sender of a request. The silence of a socket that is left unread on purpose is not
 * the sender's, so its time-out rests meanwhile.
 */
export async function withoutTimeout (socket: Socket, wait: () => Promise<void>): Promise<void> {
  const idleTimeoutMs = socket.timeout ?? 0
  // A request of a test has no socket with a clock.
  socket.setTimeout?.(0)
  await wait()
  socket.setTimeout?.(idleTimeoutMs)
}

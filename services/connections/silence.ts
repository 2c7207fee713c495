import type { Socket } from 'node:net'

/** Suspends the time-out of a sender during a wait for something else: an unread socket is silent without its fault. */
export async function withoutTimeout (socket: Socket, wait: () => Promise<void>): Promise<void> {
  const idleTimeoutMs = socket.timeout ?? 0
  // A request of a test has no socket with a clock.
  socket.setTimeout?.(0)
  await wait()
  socket.setTimeout?.(idleTimeoutMs)
}

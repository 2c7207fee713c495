import type { Socket } from 'node:net'

/** Waits for something other than the sender, whose time-out rests: the silence of an unread socket is not its own. */
export async function withoutTimeout (socket: Socket, wait: () => Promise<void>): Promise<void> {
  const idleTimeoutMs = socket.timeout ?? 0
  // A request of a test has no socket with a clock.
  socket.setTimeout?.(0)
  await wait()
  socket.setTimeout?.(idleTimeoutMs)
}

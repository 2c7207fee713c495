import type { RedisProcess } from './redis.ts'
import type { Owner } from './owner.ts'
import { startProxy } from './tcp-proxy.ts'

/**
 * A slow connection to a Redis that counts round trips: how often a client waited for an answer before its next
 * command.
 */
export interface SlowRedis {
  readonly url: string
  /** The number of writes that followed an answer. */
  roundTrips: number
}

/** Puts a proxy before a Redis; the proxy delays all bytes in each direction. */
export async function slowDown (
  owner: Owner, { path }: Pick<RedisProcess, 'path'>, delayMs: number
): Promise<SlowRedis> {
  const isAnswered = { current: true }
  const { port } = await startProxy(owner, path, {
    delayMs,
    onBytes: (direction) => {
      if (direction === 'there' && isAnswered.current) slow.roundTrips++
      isAnswered.current = direction === 'back'
    }
  })
  const slow = { url: `redis://127.0.0.1:${port}`, roundTrips: 0 }
  return slow
}

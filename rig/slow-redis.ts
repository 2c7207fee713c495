import type { RedisProcess } from './redis.ts'
import type { Owner } from './owner.ts'
import { startProxy } from './tcp-proxy.ts'

/**
 * A way to a Redis that takes its time, and counts how often somebody waited for an answer before the next question.
 */
export interface SlowRedis {
  readonly url: string
  /** Questions that came after an answer, each with all that came in the same write. */
  roundTrips: number
}

/** Puts a proxy before a Redis that holds back all it passes, in each direction. */
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

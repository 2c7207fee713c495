import type { RedisForTest } from './redis.ts'
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
  t: Parameters<typeof startProxy>[0], { path }: Pick<RedisForTest, 'path'>, delayMs: number
): Promise<SlowRedis> {
  const isAnswered = { current: true }
  const { port } = await startProxy(t, path, {
    delayMs,
    onBytes: (direction) => {
      if (direction === 'there' && isAnswered.current) slow.roundTrips++
      isAnswered.current = direction === 'back'
    }
  })
  const slow = { url: `redis://127.0.0.1:${port}`, roundTrips: 0 }
  return slow
}

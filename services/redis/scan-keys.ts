import type { Redis } from 'ioredis'

/** Keys that Redis visits in one call. */
const SCAN_WIDTH = 1_000

/** Yields pages of matching keys, without their prefix. A key that exists all the time is yielded at least once. */
export async function * scanKeys (redis: Redis, prefix: string, pattern: string): AsyncGenerator<string[]> {
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${escaped(prefix)}${pattern}`, 'COUNT', SCAN_WIDTH)
    if (keys.length > 0) yield keys.map((key) => key.slice(prefix.length))
    cursor = next
  } while (cursor !== '0')
}

/** Escapes brackets and wildcards; braces have no special meaning. */
function escaped (text: string): string {
  return text.replace(/[[\]*?\\]/g, '\\$&')
}

import type { Redis } from 'ioredis'

/** How many keys Redis looks at in one call. */
const SCAN_WIDTH = 1_000

/** Pages of the keys that match, without their prefix. A key that stays meanwhile comes at least once. */
export async function * scanKeys (redis: Redis, prefix: string, pattern: string): AsyncGenerator<string[]> {
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${escaped(prefix)}${pattern}`, 'COUNT', SCAN_WIDTH)
    if (keys.length > 0) yield keys.map((key) => key.slice(prefix.length))
    cursor = next
  } while (cursor !== '0')
}

/** Braces stand for themselves; brackets and wildcards do not. */
function escaped (text: string): string {
  return text.replace(/[[\]*?\\]/g, '\\$&')
}

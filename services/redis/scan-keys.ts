import type { Redis } from 'ioredis'

/** How many keys Redis looks at in one call. */
const SCAN_WIDTH = 1_000

/**
 * The keys that begin with a prefix, a page for each call, without that prefix. Those that are there all the time come
 * at least once, whatever is written meanwhile.
 *
 * @param pattern what has to come after the prefix, as Redis matches it
 */
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

import { parseUnixUrl, UNIX_SCHEME } from './unix-url.ts'

/** Tells whether a REDIS_URL can be connected to: its database is a number, and its credentials can be decoded. */
export function isRedisUrl (text: string): boolean {
  if (text.startsWith(UNIX_SCHEME)) return parseUnixUrl(text) !== undefined
  const url = URL.parse(text)
  if (url === null || !/^\/?\d*$/.test(url.pathname)) return false
  try {
    decodeURIComponent(url.username + url.password)
    return true
  } catch {
    return false
  }
}

import { isReadableUrl } from '../config/url-credentials.ts'
import { parseUnixUrl, UNIX_SCHEME } from './unix-url.ts'

/** Tells whether a REDIS_URL can be connected to: its database is a number, and its credentials can be decoded. */
export function isRedisUrl (text: string): boolean {
  if (text.startsWith(UNIX_SCHEME)) return parseUnixUrl(text) !== undefined
  return isReadableUrl(text) && /^\/?\d*$/.test(new URL(text).pathname)
}

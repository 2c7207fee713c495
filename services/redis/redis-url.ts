import { isReadableUrl } from '../config/url-credentials.ts'

/**
 * An address `unix://user:password@/path/redis.sock?db=2`, as in other clients; only the path is required. `new URL`
 * refuses credentials without a host.
 */
export interface UnixAddress {
  readonly path: string
  readonly username?: string
  readonly password?: string
  readonly db?: number
}

export const UNIX_SCHEME = 'unix://'

/** Credentials end at the last @ before the path, which begins with the first slash. */
const PARTS = /^unix:\/\/(?:([^:/]*)(?::([^/]*))?@)?(\/[^?#]+)(?:\?([^#]*))?$/

/** Parses such a URL; undefined if it is invalid, or its query has anything but a database. */
export function parseUnixUrl (url: string): UnixAddress | undefined {
  const [, username = '', password, path, query = ''] = PARTS.exec(url) ?? []
  if (path === undefined) return undefined
  const db = databaseOf(new URLSearchParams(query))
  if (db === 'invalid') return undefined
  try {
    return {
      path: decodeURIComponent(path),
      ...(username !== '' && { username: decodeURIComponent(username) }),
      ...(password !== undefined && { password: decodeURIComponent(password) }),
      ...(db !== undefined && { db })
    }
  } catch {
    // A percent sign without an escape.
    return undefined
  }
}

function databaseOf (query: URLSearchParams): number | 'invalid' | undefined {
  const values = query.getAll('db')
  const [db] = values
  if (query.size !== values.length || values.length > 1) return 'invalid'
  if (db === undefined) return undefined
  return /^\d{1,9}$/.test(db) ? Number(db) : 'invalid'
}

/** Tells whether a REDIS_URL is usable: its database is a number, and its credentials can be decoded. */
export function isRedisUrl (text: string): boolean {
  if (text.startsWith(UNIX_SCHEME)) return parseUnixUrl(text) !== undefined
  return isReadableUrl(text) && /^\/?\d*$/.test(new URL(text).pathname)
}

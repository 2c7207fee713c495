/** Says what to do about a Redis that answers with this error message. */
export function redisRemedy (reason: string): string {
  if (/^NOAUTH\b/.test(reason)) return 'it wants a password: put it into REDIS_URL, redis://:password@host:6379'
  if (/^WRONGPASS\b/.test(reason)) {
    return 'it refuses the user or the password of REDIS_URL: correct them, and percent-encode special characters'
  }
  return 'check that it runs, that REDIS_URL is right, and that nothing between filters the port'
}

/** Returns the remedy for an error message of Redis. */
export function redisRemedy (reason: string): string {
  if (/^NOAUTH\b/.test(reason)) return 'it requires a password: set REDIS_URL to redis://:password@host:6379'
  if (/^WRONGPASS\b/.test(reason)) {
    return 'it refuses the user or the password of REDIS_URL: correct them, and percent-encode special characters'
  }
  return 'check that it runs, that REDIS_URL is right, and that no firewall blocks the port'
}

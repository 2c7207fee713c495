/** The client says this, with the error of the last one that it asked, and asks them all again. */
const SENTINELS_UNREACHABLE = /^All sentinels are unreachable\b/

/** Returns the remedy for an error message of Redis, or of a client that has asked Sentinels for it. */
export function redisRemedy (reason: string): string {
  if (SENTINELS_UNREACHABLE.test(reason)) return sentinelRemedy(reason)
  if (/^NOAUTH\b/.test(reason)) return 'it requires a password: set REDIS_URL to redis://:password@host:6379'
  if (/^WRONGPASS\b/.test(reason)) {
    return 'it refuses the user or the password of REDIS_URL: correct them, and percent-encode special characters'
  }
  return 'check that it runs, that REDIS_URL is right, and that no firewall blocks the port'
}

function sentinelRemedy (reason: string): string {
  if (/\bNo such master\b/.test(reason)) {
    return 'the Sentinels know no master of that name: set REDIS_SENTINEL_NAME to the name after "sentinel monitor" in sentinel.conf'
  }
  if (/\bNOAUTH\b/.test(reason)) return 'the Sentinels require a password: set REDIS_SENTINEL_PASSWORD'
  if (/\bWRONGPASS\b/.test(reason)) return 'the Sentinels refuse REDIS_SENTINEL_PASSWORD: correct it'
  if (/\bunknown command\b/.test(reason)) {
    return 'REDIS_SENTINELS names a server that is no Sentinel: set it to their addresses, as a rule on port 26379'
  }
  if (!/\bLast error:/.test(reason)) {
    return 'the Sentinels answer, but the master that they name does not: check that it runs, unless they promote another one now'
  }
  return 'check that Sentinels run at the addresses of REDIS_SENTINELS, and that no firewall blocks their ports'
}

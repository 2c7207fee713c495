import { error, ok, warning, type Check } from '../finding.ts'
import { detailsOf } from '../redis-details.ts'

/** The version of Redis that has ZMSCORE, the youngest of the commands that Spillway and BullMQ 6 send. */
const NEEDED = [6, 2] as const
/** Has WAITAOF, by which a producer can wait for the disk. */
const WITH_WAITAOF = [7, 2] as const

const UPGRADE = 'upgrade to Redis 7.2 or newer, or to Valkey 7.2 or newer'

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  const text = redis.info?.redis_version
  if (text === undefined) return [warning('the version of Redis is unknown: INFO is forbidden', 'below 6.2 commands are missing, and below 7.2 nobody can wait for the disk', 'redis-cli -u "$REDIS_URL" INFO server, as a user who may')]
  const version = text.split('.').map(Number)
  if (!isAtLeast(version, NEEDED)) return [error(`Redis ${text} is too old`, `commands that are needed came with ${NEEDED.join('.')}`, UPGRADE)]
  if (!isAtLeast(version, WITH_WAITAOF) && redis.settings?.appendfsync !== 'always') {
    return [warning(`Redis ${text} has no WAITAOF`, 'with appendfsync other than always, posts that ask for X-Event-Durability: synced are answered 501', `${UPGRADE}, or CONFIG SET appendfsync always`)]
  }
  return [ok(`Redis ${text}`)]
}

function isAtLeast ([major = 0, minor = 0]: readonly number[], [needsMajor, needsMinor]: readonly [number, number]): boolean {
  return major > needsMajor || (major === needsMajor && minor >= needsMinor)
}

export default check

import { error, ok, warning, type Check } from '../finding.ts'
import { detailsOf } from '../redis-details.ts'

/** The version of Redis that has ZMSCORE, the newest of the commands that Spillway and BullMQ 6 send. */
const NEEDED = [6, 2] as const
/** The version of Redis that has WAITAOF, which lets a producer wait for the disk. */
const WITH_WAITAOF = [7, 2] as const

const UPGRADE = 'upgrade to Redis 7.2 or newer, or to Valkey 7.2 or newer'

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  const text = redis.info?.redis_version
  if (text === undefined)
    return [
      warning(
        'the version of Redis is unknown: INFO is forbidden',
        'versions before 6.2 lack needed commands, and versions before 7.2 cannot report writes to disk',
        'run redis-cli -u "$REDIS_URL" INFO server as a user with the permission'
      )
    ]
  const version = text.split('.').map(Number)
  if (!isAtLeast(version, NEEDED))
    return [error(`Redis ${text} is too old`, `Spillway needs commands of Redis ${NEEDED.join('.')}`, UPGRADE)]
  if (!isAtLeast(version, WITH_WAITAOF) && redis.settings?.appendfsync !== 'always') {
    return [
      warning(
        `Redis ${text} has no WAITAOF`,
        'unless appendfsync is always, Spillway answers 501 to posts with X-Event-Durability: synced',
        `${UPGRADE}, or CONFIG SET appendfsync always`
      )
    ]
  }
  return [ok(`Redis ${text}`)]
}

function isAtLeast (
  [major = 0, minor = 0]: readonly number[],
  [needsMajor, needsMinor]: readonly [number, number]
): boolean {
  return major > needsMajor || (major === needsMajor && minor >= needsMinor)
}

export default check

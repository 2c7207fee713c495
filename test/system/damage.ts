import type { QueueKeys } from '../../services/queue/keys.ts'
import type { Redis } from '../../services/redis/connection.ts'

/** A key that Spillway reads, the type it has to have, and what else somebody may put into it. */
export interface DamageableKey {
  readonly of: (keys: QueueKeys) => string
  readonly type: 'string' | 'list' | 'hash' | 'zset' | 'set' | 'stream'
  readonly garbage?: (redis: Redis, key: string) => Promise<unknown>
}

const FUTURE_MS = 9_000_000_000_000
const STRANGERS = ['somebody', '5-999999999-0-x', '99-3-0-0198c5a2-1111-7222-8333-444455556666', 'ledger']

const members = async (redis: Redis, key: string) => redis.zadd(key, ...STRANGERS.flatMap((member) => [1, member]))
const text = async (redis: Redis, key: string) => redis.set(key, 'words')

export const DAMAGEABLE_KEYS: readonly DamageableKey[] = [
  {
    of: ({ jobs }) => jobs.wait,
    type: 'list',
    garbage: async (redis, key) => redis.lpush(key, 'somebody', '5-999999999-0-x')
  },
  {
    of: ({ jobs }) => jobs.prioritized,
    type: 'zset',
    garbage: async (redis, key) => redis.zadd(key, 1, 'somebody', 'inf', 'else')
  },
  {
    of: ({ jobs }) => jobs.active,
    type: 'list',
    garbage: async (redis, key) => redis.lpush(key, 'somebody', '5-999999999-0-x')
  },
  { of: ({ jobs }) => jobs.delayed, type: 'zset', garbage: async (redis, key) => redis.zadd(key, 1, 'somebody') },
  { of: ({ jobs }) => jobs.completed, type: 'zset', garbage: members },
  { of: ({ jobs }) => jobs.failed, type: 'zset', garbage: async (redis, key) => redis.zadd(key, 1, 'somebody') },
  {
    of: ({ jobs }) => jobs.meta,
    type: 'hash',
    garbage: async (redis, key) => redis.hset(key, 'opts.maxLenEvents', 'many', 'concurrency', 'all', 'max', 'x')
  },
  { of: ({ jobs }) => jobs.limiter, type: 'string', garbage: text },
  { of: ({ jobs }) => jobs.lastId, type: 'string', garbage: text },
  { of: ({ jobs }) => jobs.priorityCounter, type: 'string', garbage: text },
  { of: ({ jobs }) => jobs.marker, type: 'zset', garbage: members },
  { of: ({ jobs }) => jobs.events, type: 'stream' },
  { of: ({ jobs }) => jobs.stalled, type: 'set', garbage: async (redis, key) => redis.sadd(key, 'somebody') },
  { of: ({ jobs }) => jobs.stalledCheck, type: 'string', garbage: text },
  {
    of: ({ ledger }) => ledger,
    type: 'hash',
    garbage: async (redis, key) =>
      redis.hset(
        key, 'enqueued:5', 'many', 'settled:5', '1e400', 'done:5', '', 'admission:received:normal', 'x', 'words', 'y'
      )
  },
  {
    of: ({ due }) => due,
    type: 'hash',
    garbage: async (redis, key) => redis.hset(key, 'words', 3, 'soon:5', 3, `${FUTURE_MS}:5`, 'many')
  },
  {
    of: ({ fleet }) => fleet,
    type: 'hash',
    garbage: async (redis, key) => {
      const now = Date.now()
      return redis.hset(
        key,
        'a',
        'words',
        'b',
        `${now} {}`,
        'c',
        `${now} null`,
        'd',
        `${now} {"id":1}`,
        'e',
        `${FUTURE_MS} {}`
      )
    }
  },
  {
    of: ({ control }) => control,
    type: 'hash',
    garbage: async (redis, key) =>
      redis.hset(key, 'circuit', 'AJAR', 'mode', 'perhaps', 'resets', 'often', 'fleet', 'many')
  },
  { of: ({ receipts }) => receipts, type: 'zset', garbage: members },
  { of: ({ settleLease }) => settleLease, type: 'string', garbage: text },
  {
    of: ({ rebases }) => rebases,
    type: 'list',
    garbage: async (redis, key) => redis.lpush(key, 'words', '1 {}', 'x {"admission":1}')
  },
  {
    of: ({ deadLetters }) => deadLetters,
    type: 'zset',
    garbage: async (redis, key) => redis.zadd(key, 1, 'somebody', 2, `d-${'0'.repeat(32)}`)
  },
  {
    of: ({ deadLetterFigures }) => deadLetterFigures,
    type: 'hash',
    garbage: async (redis, key) => redis.hset(key, 'last', 'words', 'discarded', 'x', 'replayed', '1.5')
  },
  { of: ({ replays }) => replays, type: 'zset', garbage: members },
  { of: ({ unfinishedReplays }) => unfinishedReplays, type: 'zset', garbage: members },
  { of: ({ replayLease }) => replayLease, type: 'string', garbage: text },
  { of: ({ repairs }) => repairs, type: 'set', garbage: async (redis, key) => redis.sadd(key, 'somebody') }
]

/** Puts something of another type in the place of a key. */
export async function changeType (redis: Redis, key: string, type: DamageableKey['type']): Promise<void> {
  const change = redis.multi().del(key)
  await (type === 'string' ? change.rpush(key, 'words') : change.set(key, 'words')).exec()
}

import type { Redis } from '../../services/redis/connection.ts'

/** A key that Spillway reads, the type it has to have, and what else somebody may put into it. */
export interface DamageableKey {
  readonly name: string
  readonly type: 'string' | 'list' | 'hash' | 'zset' | 'set' | 'stream'
  readonly garbage?: (redis: Redis, key: string) => Promise<unknown>
}

const FUTURE_MS = 9_000_000_000_000
const STRANGERS = ['somebody', '5-999999999-x', '99-3-0198c5a2-1111-7222-8333-444455556666', 'ledger']

const members = async (redis: Redis, key: string) => redis.zadd(key, ...STRANGERS.flatMap((member) => [1, member]))
const text = async (redis: Redis, key: string) => redis.set(key, 'words')

/** Names below the queue. */
export const QUEUE_KEYS: readonly DamageableKey[] = [
  { name: 'wait', type: 'list', garbage: async (redis, key) => redis.lpush(key, 'somebody', '5-999999999-x') },
  { name: 'prioritized', type: 'zset', garbage: async (redis, key) => redis.zadd(key, 1, 'somebody', 'inf', 'else') },
  { name: 'active', type: 'list', garbage: async (redis, key) => redis.lpush(key, 'somebody', '5-999999999-x') },
  { name: 'delayed', type: 'zset', garbage: async (redis, key) => redis.zadd(key, 1, 'somebody') },
  { name: 'completed', type: 'zset', garbage: members },
  { name: 'failed', type: 'zset', garbage: async (redis, key) => redis.zadd(key, 1, 'somebody') },
  {
    name: 'meta',
    type: 'hash',
    garbage: async (redis, key) => redis.hset(key, 'opts.maxLenEvents', 'many', 'concurrency', 'all', 'max', 'x')
  },
  { name: 'limiter', type: 'string', garbage: text },
  { name: 'id', type: 'string', garbage: text },
  { name: 'pc', type: 'string', garbage: text },
  { name: 'marker', type: 'zset', garbage: members },
  { name: 'events', type: 'stream' },
  { name: 'stalled', type: 'set', garbage: async (redis, key) => redis.sadd(key, 'somebody') },
  { name: 'stalled-check', type: 'string', garbage: text },
  {
    name: 'ledger',
    type: 'hash',
    garbage: async (redis, key) =>
      redis.hset(
        key, 'enqueued:5', 'many', 'settled:5', '1e400', 'done:5', '', 'door:received:normal', 'x', 'words', 'y'
      )
  },
  {
    name: 'due',
    type: 'hash',
    garbage: async (redis, key) => redis.hset(key, 'words', 3, 'soon:5', 3, `${FUTURE_MS}:5`, 'many')
  },
  {
    name: 'workers',
    type: 'zset',
    garbage: async (redis, key) =>
      redis.zadd(
        key, FUTURE_MS, 'words', FUTURE_MS, '{}', FUTURE_MS, 'null', FUTURE_MS, '{"id":1}', FUTURE_MS,
        '{"concurrency":-1}'
      )
  },
  {
    name: 'control',
    type: 'hash',
    garbage: async (redis, key) => redis.hset(key, 'circuit', 'AJAR', 'mode', 'perhaps', 'resets', 'often')
  },
  { name: 'receipts', type: 'zset', garbage: members },
  { name: 'recount-lease', type: 'string', garbage: text },
  { name: 'hasten-lease', type: 'string', garbage: text },
  { name: 'rebases', type: 'list', garbage: async (redis, key) => redis.lpush(key, 'words', '1 {}', 'x {"door":1}') }
]

/** Names of their own. */
export const OTHER_KEYS: readonly DamageableKey[] = [
  {
    name: 'dead-letters',
    type: 'zset',
    garbage: async (redis, key) => redis.zadd(key, 1, 'somebody', 2, `d-${'0'.repeat(32)}`)
  },
  {
    name: 'dead-letters-figures',
    type: 'hash',
    garbage: async (redis, key) => redis.hset(key, 'last', 'words', 'discarded', 'x', 'replayed', '1.5')
  },
  { name: 'replays', type: 'zset', garbage: members },
  { name: 'replays-unfinished', type: 'zset', garbage: members },
  { name: 'replays-lease', type: 'string', garbage: text },
  { name: 'repairs', type: 'set', garbage: async (redis, key) => redis.sadd(key, 'somebody') },
  { name: 'repair-lease', type: 'string', garbage: text }
]

/** Puts something of another type in the place of a key. */
export async function changeType (redis: Redis, key: string, type: DamageableKey['type']): Promise<void> {
  const change = redis.multi().del(key)
  await (type === 'string' ? change.rpush(key, 'words') : change.set(key, 'words')).exec()
}

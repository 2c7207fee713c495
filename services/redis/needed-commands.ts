/**
 * The commands of Redis that Spillway and BullMQ send or call in scripts, in the form of an ACL rule without its plus:
 * `name`, or `name|subcommand`. A test compares them with the scripts, and with what Redis runs.
 */
export const NEEDED_COMMANDS: readonly string[] = `
  bzpopmin client|list client|setname config|get del eval evalsha exec exists get getrange hdel hello hexists hget
  hgetall hincrby hlen hmget hmset hset hsetnx hstrlen incr incrby info lindex llen lpop lpos lpush lrange lrem lset
  ltrim mget multi persist pexpire pexpireat ping pttl publish rename rpop rpoplpush rpush sadd scan scard
  script|exists select set sismember smembers srem subscribe time type unlink xadd xdel xlen xrange xread xtrim zadd
  zcard zcount zincrby zlexcount zmscore zpopmin zrange zrangebylex zrangebyscore zrem zremrangebyrank
  zremrangebyscore zrevrange zrevrangebyscore zscore
`.trim().split(/\s+/)

/** A command of Redis 7.2, which `synced` needs. */
export const SYNC_COMMAND = 'waitaof'

/** The loss without a command that Spillway also runs without. */
export const OPTIONAL_COMMANDS: Readonly<Record<string, string>> = {
  'config|get': 'Spillway reads the settings of Redis with it, which are unknown here',
  'client|setname': 'it names the connections of Spillway for operators',
  publish: 'one process reads the queue and tells the others with it; without it each process reads the queue',
  subscribe: 'processes hear of the readings of another one with it; without it each process reads the queue',
  'client|list': 'it shows operators which clients are connected, which is unknown here',
  [SYNC_COMMAND]: 'it lets a producer wait for the disk with X-Event-Durability: synced'
}

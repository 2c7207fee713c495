/*
 * Batches that wait in Redis while the consumer hangs and all slots of the workers are in use: no worker takes one of
 * them meanwhile. BullMQ keeps the ids of waiting jobs in the sorted set `prioritized`, and each job in a hash whose key
 * has the same prefix.
 */
import { integer, shuffled, type Random } from '../../rig/random.ts'
import type { Redis } from './redis.ts'

/** Until then the calls to a hanging consumer take all slots of the workers. */
export const FILLING_MS = 700

export interface WaitingBatch {
  readonly id: string
  /** Its data as stored. */
  readonly text: string
}

const SETS = "local sets = redis.call('KEYS', '*:prioritized') if not sets[1] then return '' end"
const PREFIX = "local prefix = string.sub(sets[1], 1, -12)"
const LIST = `${SETS} return table.concat(redis.call('ZRANGE', sets[1], 0, -1), ' ')`
const READ = `${SETS} ${PREFIX} return redis.call('HGET', prefix .. ARGV[1], 'data') or ''`
const FLIP =
  `${SETS} ${PREFIX} local key = prefix .. ARGV[1] local data = redis.call('HGET', key, 'data') ` +
  "if not data or not redis.call('ZSCORE', sets[1], ARGV[1]) then return 0 end " +
  'local at = tonumber(ARGV[2]) ' +
  "redis.call('HSET', key, 'data', string.sub(data, 1, at) .. string.char(bit.bxor(string.byte(data, at + 1), tonumber(ARGV[3]))) .. " +
  'string.sub(data, at + 2)) return 1'

/** Returns some of the waiting batches; fewer if there are no more. */
export async function waitingBatches (redis: Redis, most: number, random: Random): Promise<WaitingBatch[]> {
  const ids = (await run(redis, LIST)).split(' ').filter((id) => id !== '')
  const batches: WaitingBatch[] = []
  for (const id of shuffled(random, ids).slice(0, most)) {
    const text = Buffer.from(await run(redis, READ, id), 'latin1').toString()
    if (text !== '') batches.push({ id, text })
  }
  return batches
}

/** Flips a bit in the data of a waiting batch; returns false if it does not wait any more. */
export async function flipStored (redis: Redis, { id, text }: WaitingBatch, random: Random): Promise<boolean> {
  const place = integer(random, 0, Buffer.byteLength(text) - 1)
  return await run(redis, FLIP, id, String(place), String(1 << integer(random, 0, 7))) === ':1'
}

function run (redis: Redis, script: string, ...args: string[]): Promise<string> {
  return redis.command(`EVAL "${script}" 0 ${args.join(' ')}`)
}

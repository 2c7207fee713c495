/*
 * All times in Redis come from the clock of Redis. BullMQ stamps what it writes with the clock of the process that
 * calls: a worker whose clock is ahead would run retries early, one whose clock is behind would leave them where they
 * are. So the scripts of BullMQ are given the time by Redis, as those of Spillway ask for it themselves. Nothing is
 * estimated, and it costs no call.
 */
import type { RedisQueueBackend, Worker } from 'bullmq'
import type { Redis } from 'ioredis'

/**
 * Scripts that are given a time, with its place in ARGV. Those that answer with the next job tell when the next retry
 * is due, too.
 */
const STAMPED: Readonly<Record<string, number>> = {
  moveToActive: 2, moveToFinished: 2, moveToDelayed: 2, retryJob: 2, moveStalledJobsToWait: 3
}

/** Scripts that unpack the time of a new job from their arguments, and the line that does it. */
const ADDING: ReadonlySet<string> = new Set(['addDelayedJob', 'addPrioritizedJob', 'addStandardJob'])
const UNPACKED_TIME = 'local timestamp = args[4]'

const REDIS_MS = `local function spillwayRedisMs ()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`

/** Place, in the answer of a script that fetches the next job, of the time when the next retry is due. */
const DUE_PLACE = 4

const adapted = new WeakSet<Redis>()

/**
 * Makes all scripts that BullMQ defines on this connection from now on follow the clock of Redis. To be called before
 * BullMQ has the connection.
 */
export function useRedisTime (redis: Redis): void {
  if (adapted.has(redis)) return
  adapted.add(redis)
  const define = redis.defineCommand.bind(redis)
  redis.defineCommand = (name, definition) => define(name, { ...definition, lua: byRedisTime(name, definition.lua) })
}

/**
 * Makes a script of BullMQ follow the clock of Redis; leaves any other as it is. A due time in its answer follows the
 * clock of the caller, which waits by it.
 *
 * @throws Error when the script is not as it is known: after an upgrade of BullMQ
 */
export function byRedisTime (command: string, lua: string): string {
  const name = command.split(':', 1)[0] as string
  if (ADDING.has(name)) {
    if (!lua.includes(UNPACKED_TIME)) {
      throw new Error(`the script ${name} of BullMQ does not take its time from its arguments any more; adapt services/queue/bullmq/redis-clock.ts`)
    }
    return REDIS_MS + lua.replace(UNPACKED_TIME, 'local timestamp = spillwayRedisMs()')
  }
  const place = STAMPED[name]
  if (place === undefined) return lua
  return `${REDIS_MS}local nowMs = spillwayRedisMs()
local aheadMs = nowMs - tonumber(ARGV[${place}])
ARGV[${place}] = string.format('%.0f', nowMs)
local function spillwayRun ()
${lua}
end
local reply = spillwayRun()
if type(reply) == 'table' and type(reply[${DUE_PLACE}]) == 'number' and reply[${DUE_PLACE}] > 0 then reply[${DUE_PLACE}] = reply[${DUE_PLACE}] - aheadMs end
return reply
`
}

interface LockManager {
  trackedJobs: Map<string, { ts: number }>
}

/**
 * Jobs whose locks are renewed with every tick of the timer that does it, whatever clock says when they were renewed
 * last.
 */
class JobsToRenew extends Map<string, { ts: number }> {
  override set (id: string, job: { ts: number }): this {
    return super.set(id, { ...job, ts: -Infinity })
  }
}

/**
 * Frees a worker from its own clock, where BullMQ compares it with times of Redis. It looks for a job at once when it
 * takes the marker of a retry, and learns then when that is due; it renews the locks of its jobs by a timer. A clock
 * that jumps does no harm either.
 */
export function useRedisTimeInWorker (worker: Worker): void {
  const backend = worker.getBackend() as RedisQueueBackend
  const waitForJob = backend.waitForJob.bind(backend)
  backend.waitForJob = async (timeout) => {
    const marker = await waitForJob(timeout)
    return marker && { ...marker, score: 0 }
  }
  const { lockManager } = worker as unknown as { lockManager: LockManager }
  if (!(lockManager?.trackedJobs instanceof Map)) {
    throw new Error('a worker of BullMQ does not keep its jobs as it did; adapt services/queue/bullmq/redis-clock.ts')
  }
  lockManager.trackedJobs = new JobsToRenew()
}

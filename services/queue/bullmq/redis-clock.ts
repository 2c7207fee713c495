/*
 * All times in Redis come from the clock of Redis. BullMQ stamps its entries with the clock of the calling process: a
 * worker with a fast clock would run retries early, and one with a slow clock would leave them waiting. So the scripts
 * of BullMQ are changed to ask Redis for the time, as those of Spillway do. This needs no estimate and no extra call.
 */
import type { RedisQueueBackend, Worker } from 'bullmq'
import type { Redis } from 'ioredis'

/**
 * Scripts with a time in their arguments, and its place in ARGV. Those that answer the next job also answer when the
 * next retry is due.
 */
const STAMPED: Readonly<Record<string, number>> = {
  moveToActive: 2, moveToFinished: 2, moveToDelayed: 2, retryJob: 2, moveStalledJobsToWait: 3
}

/** Scripts that unpack the time of a new job from their arguments. */
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
 * Makes all scripts that BullMQ defines on this connection use the clock of Redis. To be called before BullMQ gets the
 * connection.
 */
export function useRedisTime (redis: Redis): void {
  if (adapted.has(redis)) return
  adapted.add(redis)
  const define = redis.defineCommand.bind(redis)
  redis.defineCommand = (name, definition) => define(name, { ...definition, lua: byRedisTime(name, definition.lua) })
}

/**
 * Makes a script of BullMQ use the clock of Redis; returns any other unchanged. A due time in its answer is converted
 * to the clock of the caller, which waits for it.
 *
 * @throws Error if the script has changed, after an upgrade of BullMQ
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
local due = type(reply) == 'table' and reply[${DUE_PLACE}]
if type(due) == 'number' and due > 0 then reply[${DUE_PLACE}] = due - aheadMs end
return reply
`
}

interface LockManager {
  trackedJobs: Map<string, { ts: number }>
}

/** Renews the locks of jobs with every tick of the timer, whatever the clock says about the last renewal. */
class JobsToRenew extends Map<string, { ts: number }> {
  override set (id: string, job: { ts: number }): this {
    return super.set(id, { ...job, ts: -Infinity })
  }
}

/**
 * Frees a worker from its own clock, which BullMQ compares with times of Redis. After the marker of a retry the worker
 * checks for a job immediately and learns the due time; a timer renews the locks of its jobs. So a jumping clock does
 * no harm.
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

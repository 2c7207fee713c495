import { availableParallelism } from 'node:os'
import type { LoadJob, QueuePlace } from '../rig/load/job.ts'
import { runLoad } from '../rig/load/run-load.ts'
import { findProgram } from '../rig/find-program.ts'
import { makeFolder } from '../rig/folder.ts'
import { withOwner } from '../rig/owner.ts'
import { startRedis, type RedisOptions } from '../rig/redis.ts'
import type { Sample } from './result.ts'
import type { Case } from './scenario.ts'
import type { Plan, Stage } from './stage.ts'

/** The server has its own core; Redis and the load share the other, so that neither waits for the server. */
const SERVER_CORE = 0
const OTHER_CORE = 1

/** Redis as in production, but without rewrites of its file, which would fall into measured times at random. */
export const PRODUCTION: RedisOptions = { appendonly: true, extraArgs: ['--auto-aof-rewrite-percentage', '0'] }

/** Starts a subject with a separate empty Redis, measures it, and removes both. */
export async function measureCase (
  { subject, appendfsync = 'everysec', measure }: Case,
  { seconds, warmUpSeconds }: Pick<Stage, 'seconds' | 'warmUpSeconds'>,
  given: Stage['given']
): Promise<Sample> {
  const isPinned = !subject.hasWorker && availableParallelism() > OTHER_CORE && findProgram('taskset') !== undefined
  const [serverCore, otherCore] = isPinned ? [SERVER_CORE, OTHER_CORE] : []
  return await withOwner(async (owner) => {
    const redis = subject.needsRedis
      ? await startRedis(owner, { ...PRODUCTION, appendfsync, core: otherCore })
      : undefined
    const running = await subject.start({ folder: redis?.folder ?? await makeFolder(owner), redis, core: serverCore })
    owner.teardown(() => running.stop())
    const drain: QueuePlace | undefined = redis && subject.queue && { redisPath: redis.path, ...subject.queue }
    const watch = { ...running.pids, ...(redis !== undefined && { redis: redis.pid }) }
    const load = ({ drains = false, ...plan }: Plan) =>
      runLoad({ ...plan, port: running.ports.server, watch, drain: drains ? drain : undefined } as LoadJob, otherCore)
    return await measure({ ports: running.ports, pids: running.pids, redis, seconds, warmUpSeconds, given, load })
  })
}

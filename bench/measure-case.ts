import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoadJob, QueuePlace } from '../rig/load/job.ts'
import { runLoad } from '../rig/load/run-load.ts'
import { findProgram } from '../rig/process/child.ts'
import { startRedis } from '../rig/process/redis.ts'
import type { Sample } from './result.ts'
import type { Case } from './scenario.ts'
import type { Plan, Stage } from './stage.ts'

/** The server has a core to itself; Redis and the load share the other, so that neither waits for the server. */
const SERVER_CORE = 0
const OTHER_CORE = 1

/** Starts a subject on an empty Redis of its own, measures it, and takes all of it away again. */
export async function measureCase ({ subject, appendfsync = 'everysec', measure }: Case, { seconds, warmUpSeconds }: Pick<Stage, 'seconds' | 'warmUpSeconds'>, given: Stage['given']): Promise<Sample> {
  const isPinned = !subject.hasWorker && availableParallelism() > OTHER_CORE && findProgram('taskset') !== undefined
  const [serverCore, otherCore] = isPinned ? [SERVER_CORE, OTHER_CORE] : []
  const folder = await mkdtemp(join(tmpdir(), 'spillway-bench-'))
  const removeFolder = () => { rmSync(folder, { recursive: true, force: true }) }
  // A run that is cut short leaves nothing behind.
  process.once('exit', removeFolder)
  const redis = subject.needsRedis ? await startRedis(folder, appendfsync, otherCore) : undefined
  try {
    const running = await subject.start({ folder, redis, core: serverCore })
    try {
      const drain: QueuePlace | undefined = redis && subject.queue && { redisPath: redis.path, ...subject.queue }
      const watch = { ...running.pids, ...(redis !== undefined && { redis: redis.pid }) }
      const load = ({ drains = false, ...plan }: Plan) => runLoad({ ...plan, port: running.ports.server, watch, drain: drains ? drain : undefined } as LoadJob, otherCore)
      return await measure({ ports: running.ports, pids: running.pids, redis, seconds, warmUpSeconds, given, load })
    } finally {
      await running.stop()
    }
  } finally {
    await redis?.stop()
    process.removeListener('exit', removeFolder)
    removeFolder()
  }
}

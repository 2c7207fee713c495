import type { Logger } from 'pino'
import type { Config } from '../../services/config/schema.ts'
import { configuredRedis } from '../../services/redis/embedded/configured-redis.ts'
import { giveUp } from '../give-up.ts'
import { CLOSING_MARGIN_MS, stopInOrder } from '../stop-in-order.ts'
import type { Started } from '../welcome.ts'
import { freePorts } from './free-ports.ts'
import { Supervisor } from './supervisor.ts'

/** A process ends by its own deadline; this is for one that cannot. */
const KILL_MARGIN_MS = CLOSING_MARGIN_MS + 1_000

/**
 * Has processes serve until this one has to stop. Resolves when all of them listen; exits if one cannot.
 *
 * @param env the environment of this process
 */
export async function supervise (
  config: Config, count: number, env: NodeJS.ProcessEnv, log: Logger
): Promise<Started> {
  const deadlineMs = config.SHUTDOWN_DELAY_MS + config.SHUTDOWN_DEADLINE_MS + KILL_MARGIN_MS
  // The Redis of all processes outlives each of them.
  const redis = config.REDIS_URL === undefined ? configuredRedis(config, log) : undefined
  const ports = await freePorts(config).catch((error: Error) => giveUp(log, error))
  const supervisor = new Supervisor({
    count,
    env: { ...env, ...ports },
    stopMs: deadlineMs,
    log,
    onStartFailed: (code) => {
      supervisor.kill()
      void (redis?.stop() ?? Promise.resolve()).finally(() => process.exit(code))
    }
  })
  stopInOrder({
    log,
    deadlineMs,
    stop: async (signal) => {
      await supervisor.stop(signal ?? 'SIGTERM')
      await redis?.stop()
    },
    onImpatience: () => supervisor.kill()
  })
  await redis?.start().catch((error: Error) => giveUp(log, error))
  const started = await supervisor.start()
  log.info({ event: 'processes-started', count, url: started.url }, `${count} processes listen at ${started.url}`)
  return started
}

import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { endpointsOf, type Endpoint } from '../services/config/endpoints.ts'
import { listenFailure } from '../services/config/listen-failure.ts'
import { redactedConfig } from '../services/config/redaction.ts'
import type { Config } from '../services/config/schema.ts'
import { listening } from '../services/connections/server-options.ts'
import { buildServer, type ServerOptions } from './build-server.ts'
import { giveUp } from './give-up.ts'
import { stopInOrder } from './stop-in-order.ts'
import type { Started } from './welcome.ts'

const { version } = (await import('../package.json', { with: { type: 'json' } })).default

export interface Service {
  readonly started: Started
  /** Returns the page of metrics of this process. */
  readonly metricsPage: () => Promise<string>
}

/** Serves with this process until it has to stop. Resolves when it listens; ends the process if it cannot. */
export async function serve (
  config: Config, log: Logger, { mergePages, sharesPorts }: Pick<ServerOptions, 'mergePages' | 'sharesPorts'> = {}
): Promise<Service> {
  const stopping = new AbortController()
  const starting = buildServer({ config, log, stopping: stopping.signal, mergePages, sharesPorts })
  stopInOrder({
    log,
    deadlineMs: config.SHUTDOWN_DELAY_MS + config.SHUTDOWN_DEADLINE_MS,
    stop: async () => {
      // A start in progress completes first; then everything that it started stops in order.
      const { server } = await starting
      stopping.abort()
      await wait(config.SHUTDOWN_DELAY_MS)
      await server.close()
    }
  })
  const { server, spillway, admin } = await starting.catch((error: Error) => giveUp(log, error))
  const opened = (endpoint: Endpoint, opening: Promise<string>): Promise<string> =>
    opening.catch(async (error: Error) => {
      await server.close()
      return giveUp(log, listenFailure(error, endpoint))
    })
  // ADMIN_PORT first: a process that cannot open both ports accepts no event.
  const adminUrl = admin && await opened(admin.endpoint, admin.listen())
  const { main } = endpointsOf(config)
  const url = await opened(main, server.listen({ host: main.host, port: main.port, ...listening(sharesPorts) }))
  log.info(
    { event: 'started', url, adminUrl, role: config.ROLE, version, config: redactedConfig(config) },
    `Spillway is listening at ${url}${adminUrl === undefined ? '' : `, and for operators at ${adminUrl}`}`
  )
  const { authenticator, redis, workerEntry, metricsRegistry } = spillway
  return {
    started: {
      url,
      operatorUrl: adminUrl ?? url,
      hasRedis: redis.status === 'ready',
      needsKey: !authenticator.isOpen('main'),
      needsOperator: authenticator.isSecretNeeded(adminUrl === undefined ? 'main' : 'admin'),
      handlers: workerEntry?.().handlers ?? []
    },
    metricsPage: () => metricsRegistry.metrics()
  }
}

import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { pino, type Logger } from 'pino'
import { buildServer } from '../server/build-server.ts'
import { loadConfig } from '../services/config/load-config.ts'
import { BUSY_MACHINE } from '../rig/busy-machine.ts'
import { eventually } from '../rig/eventually.ts'
import type { Owner } from '../rig/owner.ts'
import type { RedisProcess } from '../rig/redis.ts'

/** An API with ADMIN_PORT that listens on both ports. */
export interface ApiWithAdminPort {
  spillway: FastifyInstance
  /** The address of PORT. */
  url: string
  /** The address of ADMIN_PORT. */
  adminUrl: string
  close: () => Promise<void>
}

/** Starts an API that listens on free ports; PORT listens on loopback, whatever HOST says. It closes with the test. */
export async function startWithAdminPort (
  t: Owner, redis: RedisProcess, env: Record<string, string> = {}, log: Logger = pino({ level: 'silent' })
): Promise<ApiWithAdminPort> {
  const config = loadConfig({
    REDIS_URL: redis.url, DATA_DIR: join(redis.folder, 'data'), ROLE: 'api', SPOOL_CLASSES: 'none', ADMIN_PORT: '0',
    LOG_LEVEL: 'silent', ...BUSY_MACHINE, ...env
  })
  const { server, spillway, admin } = await buildServer({ config, log })
  const close = () => server.close()
  t.teardown(close)
  if (admin === undefined) throw new Error('there is no ADMIN_PORT')
  const adminUrl = await admin.listen()
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  // Before the first reading of the queue it refuses events.
  await eventually('the app has read the queue', () => spillway.backpressure.signals.isDepthKnown)
  return { spillway, url, adminUrl, close: async () => { await close() } }
}

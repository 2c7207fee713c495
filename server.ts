import closeWithGrace from 'close-with-grace'
import { setTimeout as wait } from 'node:timers/promises'
import { pino } from 'pino'
import { buildApp } from './app.ts'
import { ConfigError } from './services/config/config-error.ts'
import { loadConfig } from './services/config/load-config.ts'
import { redactedConfig } from './services/config/redaction.ts'
import type { Config } from './services/config/schema.ts'

const { version } = (await import('./package.json', { with: { type: 'json' } })).default
const config = readConfig()
const log = pino({ level: config.LOG_LEVEL })
const app = await buildApp({ config, log })

closeWithGrace({ delay: config.SHUTDOWN_DELAY_MS + config.SHUTDOWN_DEADLINE_MS, logger: log }, async ({ signal, err }) => {
  if (err) log.fatal({ event: 'uncaught-error', err }, 'stopping because of an error that nothing caught')
  else log.info({ event: 'shutdown', signal }, 'stopping')
  app.lifecycle.beginDrain()
  await wait(config.SHUTDOWN_DELAY_MS)
  await app.close()
})

const isOnlyWorker = config.ROLE === 'worker'
const address = await app.listen({ host: config.HOST, port: isOnlyWorker ? config.WORKER_PORT : config.PORT })
log.info({ event: 'started', url: address, role: config.ROLE, version, config: redactedConfig(config) }, `Spillway is listening at ${address}`)

function readConfig (): Config {
  try {
    return loadConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

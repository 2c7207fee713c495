import closeWithGrace from 'close-with-grace'
import { setFlagsFromString } from 'node:v8'
import { setTimeout as wait } from 'node:timers/promises'
import { pino } from 'pino'
import { buildServer } from './server/build-server.ts'
import { welcome } from './server/welcome.ts'
import { ConfigError } from './services/config/config-error.ts'
import { endpointsOf, type Endpoint } from './services/config/endpoints.ts'
import { listenFailure } from './services/config/listen-failure.ts'
import { loadConfig } from './services/config/load-config.ts'
import { StartFault } from './services/config/start-fault.ts'
import { BACKLOG } from './services/connections/server-options.ts'
import { logConsole } from './services/logging/console-log.ts'
import { serializeError } from './services/logging/error-serializer.ts'
import { trimmedKeys } from './services/config/surrounding-space.ts'
import { unknownKeys } from './services/config/unknown-keys.ts'
import { printableJson, printableLines } from './services/terminal/printable.ts'
import { redactedConfig } from './services/config/redaction.ts'
import type { Config } from './services/config/schema.ts'
import { listenForStop, STOP_SIGNALS, type StopSignal } from './services/shutdown/stop-signals.ts'

// Lets the heap grow by half between collections instead of several times, so that the garbage of a stream of a million
// events is collected while the stream runs. Growth by a fifth keeps memory flatter still, but slows down every event.
setFlagsFromString('--heap-growing-percent=50')

const { version } = (await import('./package.json', { with: { type: 'json' } })).default
const config = readConfig()
// Synchronous: otherwise lines in flight when the process exits could be lost or reordered.
const log = pino({
  level: config.LOG_LEVEL,
  serializers: { err: serializeError },
  // In a terminal a person reads the log, and a rule may log event types that contain control characters.
  hooks: { streamWrite: printableJson }
}, pino.destination({ sync: true }))
logConsole(log)
const stopping = new AbortController()
const starting = buildServer({ config, log, stopping: stopping.signal })

/** Requests and batches have their own deadlines. This is for what stops after them, above all an embedded Redis. */
const CLOSING_MARGIN_MS = 5_000

let stopSignal: StopSignal | undefined
const grace = closeWithGrace({
  delay: config.SHUTDOWN_DELAY_MS + config.SHUTDOWN_DEADLINE_MS + CLOSING_MARGIN_MS,
  logger: { error: recordDisorder },
  skip: [...STOP_SIGNALS]
}, async ({ signal = stopSignal, err }) => {
  if (err) log.fatal({ event: 'uncaught-error', err }, 'stopping because of an uncaught error')
  else log.info({ event: 'shutdown', signal }, 'stopping')
  // A start in progress completes first; then everything that it started stops in order.
  const { server } = await starting
  stopping.abort()
  await wait(config.SHUTDOWN_DELAY_MS)
  await server.close()
})
listenForStop({
  source: process,
  onStop: (signal) => {
    stopSignal = signal
    void grace.close()
  },
  onRepeated: (signal) => {
    recordDisorder(`second ${signal}, exiting`)
    process.exit(1)
  },
  now: () => performance.now()
})

const { server, spillway, admin } = await starting.catch(giveUp)
const isOnlyWorker = config.ROLE === 'worker'
// ADMIN_PORT first: a process that cannot open both ports accepts no event.
const adminUrl = admin && await opened(admin.endpoint, admin.listen())
const { main } = endpointsOf(config)
const address = await opened(main, server.listen({ host: main.host, port: main.port, backlog: BACKLOG }))
for (const { key, suggestion } of unknownKeys(process.env)) {
  log.warn({ event: 'unknown-key', key, suggestion }, `${key} is not a key of Spillway; did you mean ${suggestion}?`)
}
for (const key of trimmedKeys(process.env)) {
  const change = 'had white space around it, such as a line break at the end; Spillway removed it'
  log.warn({ event: 'value-trimmed', key }, `${key} ${change}`)
}
log.info(
  { event: 'started', url: address, adminUrl, role: config.ROLE, version, config: redactedConfig(config) },
  `Spillway is listening at ${address}${adminUrl === undefined ? '' : `, and for operators at ${adminUrl}`}`
)

// A person who ran `npm start` reads this; a service manager gets log lines only.
if (process.env.npm_lifecycle_event === 'start' && !isOnlyWorker) {
  const { authenticator, redis, workerEntry } = spillway
  process.stdout.write(welcome({
    url: address,
    operatorUrl: adminUrl ?? address,
    hasRedis: redis.status === 'ready',
    needsKey: !authenticator.isOpen('main'),
    needsOperator: authenticator.isSecretNeeded(adminUrl === undefined ? 'main' : 'admin'),
    handlers: workerEntry?.().handlers ?? []
  }))
}

/** Resolves with the URL of a port that opens; ends the process if it cannot be opened. */
function opened (endpoint: Endpoint, opening: Promise<string>): Promise<string> {
  return opening.catch(async (error: Error) => {
    await server.close()
    return giveUp(listenFailure(error, endpoint))
  })
}

/** Ends the process before it has stopped in order: after a second signal or error, or a time-out. */
function recordDisorder (what: unknown): void {
  log.error(
    { event: 'shutdown-broken-off', ...what instanceof Error ? { err: what } : { reason: what } },
    'the process ends before it has stopped in order'
  )
}

function giveUp (error: Error): never {
  // In a terminal a person reads it, who can mend a known fault without a log line.
  if (error instanceof StartFault && process.stdout.isTTY) {
    process.stderr.write(`Spillway cannot start: ${printableLines(error.message)}\n`)
  } else log.fatal({ event: 'start-failed', err: error }, error.message)
  process.exit(1)
}

function readConfig (): Config {
  try {
    // A person who tries Spillway sees events printed; a service waits until somebody configures a destination.
    const isTried =
      ['start', 'dev'].includes(process.env.npm_lifecycle_event ?? '') && (process.env.ROLE?.trim() || 'all') === 'all'
    return loadConfig({
      ...process.env,
      WITHOUT_HANDLER: process.env.WITHOUT_HANDLER || (isTried ? 'show' : undefined)
    })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

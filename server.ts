import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { pino } from 'pino'
import { SUPERVISED } from './server/processes/supervised.ts'
import { welcome } from './server/welcome.ts'
import { ConfigError } from './services/config/config-error.ts'
import { loadConfig } from './services/config/load-config.ts'
import type { Config } from './services/config/schema.ts'
import { trimmedKeys } from './services/config/surrounding-space.ts'
import { unknownKeys } from './services/config/unknown-keys.ts'
import { logConsole } from './services/logging/console-log.ts'
import { serializeError } from './services/logging/error-serializer.ts'
import { printableJson } from './services/terminal/printable.ts'

// Lets the heap grow by half between collections instead of several times, so that the garbage of a stream of a million
// events is collected while the stream runs. Growth by a fifth keeps memory flatter still, but slows down every event.
setFlagsFromString('--heap-growing-percent=50')

const config = readConfig()
// Synchronous: otherwise lines in flight when the process exits could be lost or reordered.
const log = pino({
  level: config.LOG_LEVEL,
  serializers: { err: serializeError },
  // In a terminal a person reads the log, and a rule may log event types that contain control characters.
  hooks: { streamWrite: printableJson }
}, pino.destination({ sync: true }))
logConsole(log)

if (process.argv[2] === SUPERVISED) {
  const { serveSupervised } = await import('./server/processes/serve-supervised.ts')
  await serveSupervised(config, log, process.argv[3] ?? '')
} else {
  warnOfKeys()
  const started = await startService()
  // A person who ran `npm start` reads this; a service manager gets log lines only.
  if (process.env.npm_lifecycle_event === 'start' && config.ROLE !== 'worker') process.stdout.write(welcome(started))
}

async function startService () {
  const count = config.PROCESSES === 'max' ? availableParallelism() : Number(config.PROCESSES)
  if (count === 1) {
    const { serve } = await import('./server/serve.ts')
    return (await serve(config, log)).started
  }
  const { supervise } = await import('./server/processes/supervise.ts')
  return await supervise(config, count, process.env, log)
}

function warnOfKeys (): void {
  for (const { key, suggestion } of unknownKeys(process.env)) {
    log.warn({ event: 'unknown-key', key, suggestion }, `${key} is not a key of Spillway; did you mean ${suggestion}?`)
  }
  for (const key of trimmedKeys(process.env)) {
    const change = 'had white space around it, such as a line break at the end; Spillway removed it'
    log.warn({ event: 'value-trimmed', key }, `${key} ${change}`)
  }
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

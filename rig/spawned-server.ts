import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { BUSY_MACHINE } from './busy-machine.ts'
import { eventually } from './eventually.ts'
import { makeFolder } from './folder.ts'
import type { Owner } from './owner.ts'
import { NODE_FLAGS, startChild, type Exit } from './process/child.ts'
import { announcedUrl } from './process/started.ts'

const SERVER = join(import.meta.dirname, '../server.ts')

/** A separate Spillway process to kill, load or measure. */
export interface SpawnedServer {
  url: string
  pid: number
  child: ChildProcess
  /** Lines of its log, parsed. */
  log: Record<string, unknown>[]
  /** Other lines of its output. */
  printed: string[]
  stderr: () => string
  kill: (signal: NodeJS.Signals) => Promise<Exit>
  /** Resolves when the process has ended. */
  exited: Promise<Exit>
}

export interface SpawnOptions {
  /** Further flags of Node.js. */
  flags?: readonly string[]
  /** Gives the process a channel for messages. */
  hasChannel?: boolean
  /** Its limit on open files (`ulimit -n`). */
  openFiles?: number
  /**
   * Runs it as in production: no allowance for a busy machine, no output kept, and an orderly stop with its embedded
   * Redis.
   */
  isMeasured?: boolean
}

/**
 * Starts server.ts like `startServer`, and waits until it has read the queue: before that it refuses events, or spools
 * them. On a busy machine the first event of a test is earlier than the first reading.
 */
export async function startReadyServer (
  owner: Owner,
  env: Record<string, string>,
  options: SpawnOptions = {}
): Promise<SpawnedServer> {
  const server = await startServer(owner, env, options)
  await eventually(
    'the service is ready',
    async () => (await fetch(`${server.url}/api/v1/health/readiness`, { headers: { connection: 'close' } })).ok
  )
  return server
}

/** Starts server.ts in a separate process on a free port and waits until it listens. It ends with its owner. */
export async function startServer (
  owner: Owner,
  env: Record<string, string>,
  { flags = [], hasChannel = false, openFiles, isMeasured = false }: SpawnOptions = {}
): Promise<SpawnedServer> {
  // Without either key the process would leave files in the working directory of the tests.
  const folder = await makeFolder(owner)
  const { HOME, NODE_COMPILE_CACHE } = process.env
  const command = [process.execPath, ...NODE_FLAGS, ...flags, SERVER]
  const [program, ...args] = openFiles === undefined
    ? command
    : ['sh', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'sh', ...command]
  const started = startChild({
    command: program as string,
    args,
    env: {
      HOME,
      NODE_COMPILE_CACHE,
      PORT: '0',
      WORKER_PORT: '0',
      DATA_DIR: folder,
      ...!isMeasured && BUSY_MACHINE,
      ...env
    },
    stdio: ['ignore', 'pipe', isMeasured ? 'inherit' : 'pipe', ...hasChannel ? ['ipc' as const] : []]
  })
  owner.teardown(() => started.kill(isMeasured ? 'SIGTERM' : 'SIGKILL'))
  const log: Record<string, unknown>[] = []
  const printed: string[] = []
  let stderr = ''
  started.child.stderr?.on('data', (chunk: Buffer) => { stderr += chunk.toString() })
  const url = await announcedUrl(started, (line) => {
    if (isMeasured) return
    const entry = entryOf(line)
    if (entry === undefined) printed.push(line)
    else log.push(entry)
  }).catch((error: Error) => { throw new Error(`server.ts: ${error.message}: ${stderr}`) })
  const { child, pid, kill, exited } = started
  return { url, pid, child, log, printed, stderr: () => stderr, kill, exited }
}

/** Returns a line of the log. A product that is broken on purpose may print others that begin in the same way. */
function entryOf (line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

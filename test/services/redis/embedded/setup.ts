import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import type { Test } from 'tap'
import { EmbeddedRedis } from '../../../../services/redis/embedded/embedded-redis.ts'
import { probeServer } from '../../../../services/redis/embedded/server-probe.ts'
import { serverProcesses } from '../../../../services/redis/embedded/server-processes.ts'

/** Holds an embedded Redis in a process of its own. */
export const OWNER_PROCESS = join(import.meta.dirname, 'embedded-redis-process.ts')
const DEADLINE_MS = 120_000

/** The fields of a log line that the tests look at. */
export interface LogLine { level: number, msg: string, event?: string, code?: number | null, signal?: string | null }

/** A data directory that is deleted at the end, after any server that a failed test left on it has been killed. */
export async function dataDirectory (t: Test): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'spillway-test-'))
  t.teardown(async () => {
    const probe = await probeServer(join(dataDir, 'redis.sock'))
    if ('pid' in probe) process.kill(probe.pid, 'SIGKILL')
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10 })
  })
  return dataDir
}

/** An embedded Redis that stops with the test, and what it logs. */
export function embed (
  t: Test,
  dataDir: string,
  options: { maxmemoryBytes?: number } = {}
): { redis: EmbeddedRedis, lines: LogLine[] } {
  const lines: LogLine[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => { lines.push(JSON.parse(line)) } })
  const redis = new EmbeddedRedis({ dataDir, appendfsync: 'always', log, ...options })
  t.teardown(() => redis.stop())
  return { redis, lines }
}

/** Waits until something holds; throws after a deadline that a loaded machine does not reach. */
export async function until (claim: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`still not so: ${claim}`)
    await delay(10)
  }
}

/** Sends one command over a connection of its own. */
export async function command (socketPath: string, name: string, ...args: string[]): Promise<unknown> {
  const client = new Redis({ path: socketPath, retryStrategy: null, maxRetriesPerRequest: 0 })
  client.on('error', () => {})
  try {
    return await client.call(name, ...args)
  } finally {
    client.disconnect()
  }
}

/** The process id of the server that answers, if one does. */
export async function pidOf ({ socketPath }: EmbeddedRedis): Promise<number | undefined> {
  const probe = await probeServer(socketPath)
  return probe.state === 'ready' ? probe.pid : undefined
}

/** Whether a process runs; a zombie has no command line. */
export function isAlive (pid: number): boolean {
  try {
    return process.platform === 'linux' ? readFileSync(`/proc/${pid}/cmdline`).length > 0 : process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The process ids of the servers that run on a directory, whether they answer or not. */
export const serversOn = (dataDir: string) => serverProcesses(join(dataDir, 'redis.sock'))

/** Starts OWNER_PROCESS and waits until its Redis is ready. */
export async function startProcess (
  t: Test,
  dataDir: string,
  mode: 'hold' | 'end'
): Promise<{ child: ChildProcess, isOwner: boolean, serverPid: number }> {
  const child = spawn(process.execPath, [OWNER_PROCESS, dataDir, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { child.kill('SIGKILL') })
  const [line] = await once(createInterface(child.stdout), 'line')
  return { child, ...JSON.parse(line) }
}

/** Sends a signal and waits for the end. */
export async function end (child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** Sets a variable of the environment until the end of the test. */
export function setForTest (t: Test, key: string, value: string): void {
  const before = process.env[key]
  process.env[key] = value
  t.teardown(() => {
    if (before === undefined) delete process.env[key]
    else process.env[key] = before
  })
}

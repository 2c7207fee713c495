import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { BUSY_MACHINE } from './busy-machine.ts'

interface TestWithTeardown {
  teardown: (handler: () => Promise<void>) => unknown
}

const SERVER = join(import.meta.dirname, '../server.ts')

/** A Spillway process of its own, for tests that kill. */
export interface SpawnedServer {
  url: string
  pid: number
  child: ChildProcess
  /** Lines of its log, parsed. */
  log: Record<string, unknown>[]
  /** Other lines of its output. */
  printed: string[]
  stderr: () => string
  kill: (signal: NodeJS.Signals) => Promise<{ code: number | null, signal: NodeJS.Signals | null }>
}

export interface SpawnOptions {
  /** Further flags of Node.js. */
  flags?: readonly string[]
  /** Gives the process a channel for messages. */
  hasChannel?: boolean
  /** Its limit on open files (`ulimit -n`). */
  openFiles?: number
}

/** Starts server.ts in a process of its own on a free port and waits until it listens. It is killed with the test. */
export async function startServer (
  t: TestWithTeardown, env: Record<string, string>, { flags = [], hasChannel = false, openFiles }: SpawnOptions = {}
): Promise<SpawnedServer> {
  // One that is given neither must not leave its files in the folder that the tests run in.
  const folder = await mkdtemp(join(tmpdir(), 'spillway-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  // With the flag that the npm commands start it with.
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  const command = [process.execPath, '--max-semi-space-size=16', ...flags, SERVER]
  const limited = openFiles === undefined ? command : ['sh', '-c', `ulimit -n ${openFiles} && exec "$@"`, 'sh', ...command]
  const [program, ...args] = limited as [string, ...string[]]
  const child = spawn(program, args, {
    env: { PATH, HOME, NODE_COMPILE_CACHE, PORT: '0', WORKER_PORT: '0', DATA_DIR: folder, ...BUSY_MACHINE, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...hasChannel ? ['ipc' as const] : []]
  }) as ChildProcessByStdio<null, Readable, Readable>
  const log: Record<string, unknown>[] = []
  const printed: string[] = []
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString() })
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const kill = async (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(name)
    const [code, signal] = await exited
    return { code, signal }
  }
  t.teardown(async () => { await kill('SIGKILL') })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) {
        printed.push(line)
        return
      }
      const entry = JSON.parse(line) as Record<string, unknown>
      log.push(entry)
      if (entry.event === 'started') resolve(entry.url as string)
    })
    void exited.then(([code]) => reject(new Error(`server.ts ended with ${code}: ${stderr}`)))
  })
  return { url, pid: child.pid as number, child, log, printed, stderr: () => stderr, kill }
}

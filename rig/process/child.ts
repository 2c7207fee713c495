import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** As the npm commands start Spillway; peers get the same, so that no ratio comes from a flag. */
const NODE_FLAGS = ['--max-semi-space-size=16']

/** A process that a measurement started. */
export interface Child {
  readonly child: ChildProcess
  readonly pid: number
  /** Ends it at once: what it holds is thrown away with its folder. */
  readonly stop: () => Promise<void>
}

export interface ChildOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Number of the only core it may run on. */
  readonly core?: number | undefined
  readonly stdio?: StdioOptions
}

/** Starts a program; it is ended with this process if not before. */
export function startChild ({ command, args, env = {}, core, stdio = ['ignore', 'pipe', 'inherit'] }: ChildOptions): Child {
  // taskset becomes the program, so that its pid is that of the program.
  const [file, ...rest] = core === undefined ? [command, ...args] : ['taskset', '--cpu-list', String(core), command, ...args]
  const child = spawn(file as string, rest, { env: { PATH: process.env.PATH, ...env }, stdio })
  const ended = once(child, 'exit')
  ended.catch(() => {})
  if (child.pid === undefined) throw new Error(`${command} cannot be started`)
  const kill = () => { child.kill('SIGKILL') }
  process.once('exit', kill)
  const stop = async () => {
    kill()
    await ended
    process.removeListener('exit', kill)
  }
  return { child, pid: child.pid, stop }
}

/** Starts a program for Node.js. */
export function startNode (file: string, options: Omit<ChildOptions, 'command' | 'args'>): Child {
  return startChild({ command: process.execPath, args: [...NODE_FLAGS, file], ...options })
}

/** Starts a program for Node.js that talks to this process by messages. */
export function startFork (file: string, core?: number): Child {
  return startNode(file, { core, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

/** Where a program is, or undefined. */
export function findProgram (name: string): string | undefined {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].map((folder) => join(folder, name)).find((path) => existsSync(path))
}

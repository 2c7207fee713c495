import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'

/** As the npm commands start Spillway; peers get the same, so that no ratio comes from a flag. */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=16']

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process that was started to be watched, loaded or killed. */
export interface Child {
  readonly child: ChildProcess
  readonly pid: number
  /** Resolves when it has ended. */
  readonly exited: Promise<Exit>
  /** Sends a signal that ends it, if it still runs, and waits until it has ended. */
  readonly kill: (signal: NodeJS.Signals) => Promise<Exit>
  /** Ends it at once: what it holds is thrown away with its folder. */
  readonly stop: () => Promise<void>
}

export interface ChildOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Number of the only core it may run on. */
  readonly core?: number | undefined
  readonly stdio?: StdioOptions
}

/** Starts a program; it is ended with this process if not before. */
export function startChild ({ command, args, env = {}, core, stdio = ['ignore', 'pipe', 'inherit'] }: ChildOptions): Child {
  // taskset becomes the program, so that its pid is that of the program.
  const [file, ...rest] = core === undefined ? [command, ...args] : ['taskset', '--cpu-list', String(core), command, ...args]
  const child = spawn(file as string, rest, { env: { PATH: process.env.PATH, ...env }, stdio })
  const killNow = () => { child.kill('SIGKILL') }
  process.once('exit', killNow)
  const exited = once(child, 'exit').then(([code, signal]): Exit => {
    process.removeListener('exit', killNow)
    return { code, signal }
  })
  exited.catch(() => {})
  if (child.pid === undefined) throw new Error(`${command} cannot be started`)
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    return await exited
  }
  return { child, pid: child.pid, exited, kill, stop: async () => { await kill('SIGKILL') } }
}

/** @param flags of Node.js */
export function startNode (file: string, { flags = NODE_FLAGS, ...options }: Omit<ChildOptions, 'command' | 'args'> & { flags?: readonly string[] }): Child {
  return startChild({ command: process.execPath, args: [...flags, file], ...options })
}

/** Starts a program for Node.js that talks to this process by messages. */
export function startFork (file: string, core?: number): Child {
  return startNode(file, { core, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

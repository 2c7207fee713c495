import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'

/** The flags with which the npm commands start Spillway. Peers get the same, so that no ratio depends on a flag. */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=16']

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process to watch, load or kill. */
export interface Child {
  readonly child: ChildProcess
  readonly pid: number
  /** Resolves when the process has ended. */
  readonly exited: Promise<Exit>
  /** Sends a signal that ends it, if it still runs, and waits for its end. */
  readonly kill: (signal: NodeJS.Signals) => Promise<Exit>
  /** Kills it at once, since its folder is removed anyway. */
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

/** One listener for all of them: Node.js warns of many. */
const running = new Set<ChildProcess>()
process.once('exit', () => { for (const child of running) child.kill('SIGKILL') })

/** Starts a program, which ends with this process at the latest. */
export function startChild (
  { command, args, env = {}, core, stdio = ['ignore', 'pipe', 'inherit'] }: ChildOptions
): Child {
  // taskset replaces itself with the program, which keeps the pid.
  const [file, ...rest] = core === undefined
    ? [command, ...args]
    : ['taskset', '--cpu-list', String(core), command, ...args]
  const child = spawn(file as string, rest, { env: { PATH: process.env.PATH, ...env }, stdio })
  running.add(child)
  const exited = once(child, 'exit').then(([code, signal]): Exit => {
    running.delete(child)
    return { code, signal }
  })
  // It could not be started.
  exited.catch(() => running.delete(child))
  if (child.pid === undefined) throw new Error(`${command} cannot be started`)
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    return await exited
  }
  return { child, pid: child.pid, exited, kill, stop: async () => { await kill('SIGKILL') } }
}

/** @param flags of Node.js */
export function startNode (
  file: string,
  { flags = NODE_FLAGS, ...options }: Omit<ChildOptions, 'command' | 'args'> & { flags?: readonly string[] }
): Child {
  return startChild({ command: process.execPath, args: [...flags, file], ...options })
}

/** Starts a Node.js program that exchanges messages with this process. */
export function startFork (file: string, core?: number): Child {
  return startNode(file, { core, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

import { spawn, type ChildProcess } from 'node:child_process'
import { openSync, closeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const RESTART_DELAY_MS = 500

export interface ProgramOptions {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Takes what it prints. */
  readonly logFile: string
}

/** A process that is killed on purpose, and started again when it ends by itself, as a supervisor does. */
export class Program {
  readonly name: string
  /** How often it ended although nobody had killed it. */
  crashes = 0
  readonly #options: ProgramOptions
  #child: ChildProcess | undefined
  #restart: NodeJS.Timeout | undefined

  constructor (options: ProgramOptions) {
    this.name = options.name
    this.#options = options
  }

  get isRunning (): boolean { return this.#child !== undefined }

  /** Starts it, if it does not run; does not wait until it is of use. */
  start (): void {
    clearTimeout(this.#restart)
    if (this.#child !== undefined) return
    const { file, args, env, logFile } = this.#options
    const log = openSync(logFile, 'a')
    const child = spawn(file, args, { env, stdio: ['ignore', log, log] })
    closeSync(log)
    this.#child = child
    const end = () => {
      if (this.#child !== child) return
      this.#child = undefined
      this.crashes++
      this.#restart = setTimeout(() => { this.start() }, RESTART_DELAY_MS)
    }
    child.once('exit', end)
    child.once('error', end)
  }

  /** Sends a signal that does not end it, such as SIGSTOP. */
  signal (signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Ends it and waits until it has ended. */
  async kill (): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Asks it to stop; kills it when it has not by then. */
  async stop (deadlineMs: number): Promise<void> {
    await this.#end('SIGTERM', deadlineMs)
  }

  /** For the last moment of this process. */
  killNow (): void {
    clearTimeout(this.#restart)
    const child = this.#child
    this.#child = undefined
    child?.kill('SIGKILL')
  }

  async #end (signal: NodeJS.Signals, deadlineMs = 0): Promise<void> {
    clearTimeout(this.#restart)
    const child = this.#child
    if (child === undefined) return
    this.#child = undefined
    const ended = new Promise((resolve) => { child.once('exit', resolve) })
    child.kill(signal)
    if (signal !== 'SIGKILL') {
      await Promise.race([ended, delay(deadlineMs, undefined, { ref: false })])
      child.kill('SIGKILL')
    }
    await ended
  }
}

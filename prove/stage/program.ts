import { spawn, type ChildProcess } from 'node:child_process'
import { openSync, closeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const RESTART_DELAY_MS = 500

export interface ProgramOptions {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** The file for its output. */
  readonly logFile: string
}

/** Changes for a single start. */
export interface Change {
  /** Arguments before all others. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const NO_CHANGE: Change = { args: [], env: {} }

/** A process that faults kill, and that is restarted after an unexpected end, as by a supervisor. */
export class Program {
  readonly name: string
  /** Each unexpected end, and each stop that was not orderly. */
  readonly disorders: string[] = []
  readonly #options: ProgramOptions
  #child: ChildProcess | undefined
  #restart: NodeJS.Timeout | undefined

  constructor (options: ProgramOptions) {
    this.name = options.name
    this.#options = options
  }

  get isRunning (): boolean { return this.#child !== undefined }

  /** Starts it if it does not run; does not wait until it is ready. */
  start (change: Change = NO_CHANGE): void {
    clearTimeout(this.#restart)
    if (this.#child !== undefined) return
    const { file, args, env, logFile } = this.#options
    const log = openSync(logFile, 'a')
    const child = spawn(file, [...change.args, ...args], {
      env: { ...env, ...change.env },
      stdio: ['ignore', log, log]
    })
    closeSync(log)
    this.#child = child
    const end = (code: number | null | Error, signal?: string) => {
      if (this.#child !== child) return
      this.#child = undefined
      this.disorders
        .push(`${this.name} ended with ${
          code instanceof Error ? code.message : signal ?? String(code)
        } although nobody had ended it`)
      this.#restart = setTimeout(() => {
        this.start()
      }, RESTART_DELAY_MS)
    }
    child.once('exit', end)
    child.once('error', end)
  }

  /** Sends a signal that does not end it, such as SIGSTOP. */
  signal (signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Kills it and waits for its end. */
  async kill (): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Asks it to stop; kills it after the deadline, which counts as a disorder. */
  async stop (deadlineMs: number): Promise<void> {
    await this.#end('SIGTERM', deadlineMs)
  }

  /** Kills it synchronously, when this process is about to exit. */
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
    // The signal ends a process that has not installed its handler yet.
    const ended = new Promise<number | null>((resolve) => {
      child.once('exit', (code, by) => {
        resolve(by === 'SIGTERM' ? 0 : code)
      })
    })
    child.kill(signal)
    if (signal === 'SIGKILL') return void await ended
    const code = await Promise.race([ended, delay(deadlineMs, 'late' as const, { ref: false })])
    if (code === 'late') {
      this.disorders.push(`${this.name} had not stopped ${deadlineMs} ms after SIGTERM`)
      child.kill('SIGKILL')
      await ended
    } else if (code !== 0) {
      this.disorders.push(`${this.name} stopped with ${String(code)} after SIGTERM`)
    }
  }
}

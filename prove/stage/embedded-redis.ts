import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from './redis.ts'

const POLL_INTERVAL_MS = 5

/**
 * The Redis that Spillway starts itself: faults kill and stop it like the other kind, and Spillway has to restart it.
 * The folder of its options is the data directory of Spillway.
 */
export class EmbeddedRedis extends Redis {
  override start (): void {}

  override signal (signal: NodeJS.Signals): void {
    for (const pid of this.#processes()) {
      try {
        process.kill(pid, signal)
      } catch {
        // The process has ended in the meantime.
      }
    }
  }

  override async kill (): Promise<void> {
    const killed = this.#processes()
    this.signal('SIGKILL')
    while (this.#processes().some((pid) => killed.includes(pid))) await wait(POLL_INTERVAL_MS)
  }

  override async stop (): Promise<void> {}

  /** Spillway does that. */
  override async rewriteFile (): Promise<void> {}

  override killNow (): void {
    this.signal('SIGKILL')
  }

  /** Returns the ids of all servers on the socket. */
  #processes (): number[] {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        // The socket is first an argument of the server, and later part of its process title.
        return /unixsocket[:\0]/.test(command) && command.includes(this.socket)
      } catch {
        // The process has ended in the meantime.
        return false
      }
    })
  }
}

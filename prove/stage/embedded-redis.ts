import { readdirSync, readFileSync } from 'node:fs'
import { Redis } from './redis.ts'

/**
 * The Redis that Spillway starts itself: faults kill and stop it like the other kind, and Spillway has to restart it.
 * The folder of its options is the data directory of Spillway.
 */
export class EmbeddedRedis extends Redis {
  override start (): void {}

  override signal (signal: NodeJS.Signals): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        // The socket is first an argument of the server, and later part of its process title.
        if (/unixsocket[:\0]/.test(command) && command.includes(this.socket)) process.kill(Number(pid), signal)
      } catch {
        // The process has ended in the meantime.
      }
    }
  }

  override async kill (): Promise<void> {
    this.signal('SIGKILL')
  }

  override async stop (): Promise<void> {}

  override killNow (): void {
    this.signal('SIGKILL')
  }
}

import { readdirSync, readFileSync } from 'node:fs'
import { Redis } from './redis.ts'

/**
 * The Redis that Spillway starts itself: it is killed and stopped as the other one, and Spillway has to bring it back.
 * The folder of its options is the data directory of Spillway.
 */
export class EmbeddedRedis extends Redis {
  override start (): void {}

  override signal (signal: NodeJS.Signals): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        // The socket is an argument of the server at first, and in its title later.
        if (/unixsocket[:\0]/.test(command) && command.includes(this.socket)) process.kill(Number(pid), signal)
      } catch {
        // It has ended meanwhile.
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

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis, type RedisOptions } from './redis.ts'

/**
 * The Redis that Spillway starts itself: it is killed and stopped as the other one, and Spillway has to bring it back.
 */
export class EmbeddedRedis extends Redis {
  readonly #record: string

  /** @param options its folder is the data directory of Spillway */
  constructor (options: RedisOptions) {
    super(options)
    this.#record = join(options.folder, 'redis-server.json')
  }

  override start (): void {}

  override signal (signal: NodeJS.Signals): void {
    try {
      process.kill((JSON.parse(readFileSync(this.#record, 'utf8')) as { pid: number }).pid, signal)
    } catch {
      // There is none at the moment.
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

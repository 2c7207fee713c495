import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { redisArguments, redisBinary, socketIn, type Appendfsync } from '../../rig/redis.ts'
import { redisCommand, usedMemory } from '../../rig/redis-command.ts'
import { AppendOnlyFile } from './append-only-file.ts'
import { Program } from './program.ts'

const COMMAND_TIMEOUT_MS = 10_000
const REWRITE_DEADLINE_MS = 30_000
const POLL_INTERVAL_MS = 20

export interface RedisOptions {
  readonly folder: string
  readonly appendfsync: Appendfsync
  /** The PATH of this process. */
  readonly path: string
}

/** The Redis of the proof: a real one, with an append-only file. Spillway reaches it by TCP, through a proxy. */
export class Redis extends Program {
  readonly socket: string
  /** Called when another server has become the master. */
  onPromotion: () => void = () => {}
  readonly #folder: string

  constructor ({ folder, appendfsync, path }: RedisOptions) {
    super({
      name: 'redis',
      file: redisBinary(),
      args: redisArguments(folder, true, appendfsync),
      env: { PATH: path },
      logFile: join(folder, 'redis.log')
    })
    this.socket = socketIn(folder)
    this.#folder = folder
  }

  /** The processes that it consists of. */
  get parts (): readonly Program[] { return [this] }

  get file (): AppendOnlyFile { return new AppendOnlyFile(this.#folder) }

  /**
   * Resolves once it has loaded its file and written it anew, as the runbook says after a power cut; rejects after a
   * deadline.
   */
  async rewriteFile (): Promise<void> {
    const deadline = performance.now() + REWRITE_DEADLINE_MS
    const until = async (command: string, isDone: RegExp) => {
      while (!isDone.test(await this.command(command).catch(() => ''))) {
        if (performance.now() > deadline) throw new Error(`Redis did not rewrite its file: ${command}`)
        await wait(POLL_INTERVAL_MS)
      }
    }
    await until('BGREWRITEAOF', /^\+/)
    await until('INFO persistence', /aof_rewrite_in_progress:0\r\n[^]*aof_rewrite_scheduled:0/)
  }

  /** Those of its processes that have the data of the master. */
  get replicas (): readonly Program[] { return [] }

  /** The number of the server that is the master. */
  get master (): number { return 0 }

  /** Has one of the replicas promoted. */
  async promote (): Promise<void> {}

  /** Resolves once all of its parts know each other. */
  async complete (): Promise<void> {}

  /** Resolves with the bytes of memory that its data use. */
  usedMemory (): Promise<number> { return usedMemory(this.socket, COMMAND_TIMEOUT_MS) }

  /** Runs a command, given as one line, and resolves with the reply of the protocol. */
  command (line: string): Promise<string> { return redisCommand(this.socket, line, COMMAND_TIMEOUT_MS) }
}

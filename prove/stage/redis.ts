import { join } from 'node:path'
import { redisArguments, redisBinary, socketIn, type Appendfsync } from '../../rig/redis.ts'
import { redisCommand, usedMemory } from '../../rig/redis-command.ts'
import { Program } from './program.ts'

const COMMAND_TIMEOUT_MS = 10_000

export interface RedisOptions {
  readonly folder: string
  readonly appendfsync: Appendfsync
  /** The PATH of this process. */
  readonly path: string
}

/** The Redis of the proof: a real one, with an append-only file. Spillway reaches it by TCP, through a proxy. */
export class Redis extends Program {
  readonly socket: string

  constructor ({ folder, appendfsync, path }: RedisOptions) {
    super({
      name: 'redis',
      file: redisBinary(),
      args: redisArguments(folder, true, appendfsync),
      env: { PATH: path },
      logFile: join(folder, 'redis.log')
    })
    this.socket = socketIn(folder)
  }

  /** Resolves with the bytes of memory that its data use. */
  usedMemory (): Promise<number> { return usedMemory(this.socket, COMMAND_TIMEOUT_MS) }

  /** Runs a command, given as one line, and resolves with the reply of the protocol. */
  command (line: string): Promise<string> { return redisCommand(this.socket, line, COMMAND_TIMEOUT_MS) }
}

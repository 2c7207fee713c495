import type { Command, Redis, RedisOptions } from 'ioredis'
import { Deadline } from '../clock/deadline.ts'
import { heartbeat, type Beating } from '../clock/heartbeat.ts'

/** Milliseconds of turned time; an absent one is no limit. */
export interface RedisDeadlines {
  /** The limit for the answer to a command. */
  readonly commandMs?: number
  /** The limit for establishing a connection. */
  readonly connectMs: number
  /** A connection that owes an answer is reopened after this long without a byte. */
  readonly silenceMs: number
  /** Fails unanswered commands when their connection breaks, instead of at their deadline. */
  readonly failsOnClose?: boolean
}

/** Thrown for a command without an answer: it may have been executed. */
class CommandError extends Error {
  readonly code: 'command-timeout' | 'connection-lost'

  constructor (code: CommandError['code'], message: string) {
    super(message)
    this.code = code
  }
}

interface Waiting {
  readonly command: Command
  /** Absent until the first beat after it was sent. */
  failsAt: number | undefined
}

/**
 * Enforces deadlines in turned time. After a pause of this process the client's plain timers would fire before the
 * answers that have arrived are read.
 */
export function watchedRedis (redis: Redis, deadlines: RedisDeadlines): Redis {
  const watch = new ConnectionWatch(redis, deadlines)
  const send = redis.sendCommand.bind(redis)
  const duplicate = redis.duplicate.bind(redis)
  return Object.assign(redis, {
    sendCommand (...[command, stream]: Parameters<Redis['sendCommand']>) {
      const answer = send(command, stream)
      watch.sent(command)
      return answer
    },
    duplicate: (override?: Partial<RedisOptions>) => watchedRedis(duplicate(override), deadlines)
  })
}

class ConnectionWatch implements Beating {
  readonly #redis: Redis
  readonly #deadlines: RedisDeadlines
  #waiting: Waiting[] = []
  #bytesRead = 0
  #silentSince: number | undefined

  constructor (redis: Redis, deadlines: RedisDeadlines) {
    this.#redis = redis
    this.#deadlines = deadlines
    this.#limitConnecting()
    for (const event of deadlines.failsOnClose === true ? ['close', 'end'] : ['end']) {
      redis.on(event, () =>
        fail(this.#waiting, new CommandError('connection-lost', 'the connection to Redis broke before the answer came'))
      )
    }
  }

  sent (command: Command): void {
    if (command.isSettled) return
    if (this.#waiting.length === 0) heartbeat.join(this, true)
    this.#waiting.push({ command, failsAt: undefined })
  }

  beat (elapsedMs: number): void {
    const { commandMs } = this.#deadlines
    this.#waiting = this.#waiting.filter(({ command }) => !command.isSettled)
    if (commandMs !== undefined) {
      for (const waiting of this.#waiting) waiting.failsAt ??= elapsedMs + commandMs
      const late = this.#waiting.filter(({ failsAt }) => elapsedMs >= (failsAt ?? Infinity))
      if (late.length > 0) {
        setImmediate(() =>
          fail(late, new CommandError('command-timeout', `no answer from Redis within ${commandMs} ms`))
        )
      }
    }
    this.#beatSilence(elapsedMs)
    if (this.#waiting.length === 0 && !this.#isOwed) heartbeat.leave(this)
  }

  /** Redis still owes answers to commands that have failed here. */
  get #isOwed (): boolean {
    const { status, commandQueue } = this.#redis
    // Also while the connection is being set up: a server that hangs accepts it.
    return (status === 'ready' || status === 'connect') && commandQueue.length > 0
  }

  #beatSilence (elapsedMs: number): void {
    const { stream } = this.#redis
    if (!this.#isOwed || stream.bytesRead !== this.#bytesRead) this.#silentSince = undefined
    this.#bytesRead = stream?.bytesRead ?? 0
    if (!this.#isOwed) return
    this.#silentSince ??= elapsedMs
    if (elapsedMs - this.#silentSince < this.#deadlines.silenceMs) return
    this.#silentSince = undefined
    setImmediate(() => {
      if (stream.bytesRead === this.#bytesRead) {
        stream.destroy(
          new Error(`no answer from Redis for ${this.#deadlines.silenceMs} ms; the connection is reopened`)
        )
      }
    })
  }

  #limitConnecting (): void {
    const { connectMs } = this.#deadlines
    let deadline: Deadline | undefined
    const begin = () => {
      deadline = new Deadline(connectMs, () =>
        this.#redis.stream?.destroy(new Error(`no connection to Redis within ${connectMs} ms`))
      )
    }
    const end = () => deadline?.clear()
    if (this.#redis.status === 'connecting') begin()
    this.#redis.on('connecting', () => { end(); begin() })
    for (const event of ['connect', 'close', 'end']) this.#redis.on(event, end)
  }
}

function fail (waiting: readonly Waiting[], error: CommandError): void {
  for (const { command } of waiting) if (!command.isSettled) command.reject(error)
}

import type { Command, Redis, RedisOptions } from 'ioredis'
import { Deadline } from '../clock/deadline.ts'
import { heartbeat, type Beating } from '../clock/heartbeat.ts'

/** Milliseconds in which the event loop turned; what is absent is not limited. */
export interface RedisDeadlines {
  /** In which a command has to be answered. */
  readonly commandMs?: number
  /** In which a connection has to come about. */
  readonly connectMs: number
  /** A connection that owes an answer is made anew after so long without a byte. */
  readonly silenceMs: number
  /** Fails what is unanswered when its connection breaks, instead of when its time is over. */
  readonly failsOnClose?: boolean
}

/** A command that got no answer from Redis: whether it was carried out is not known. */
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
 * Keeps deadlines in turned time. The client's plain timers would fire after a pause of this process, before the
 * answers that are already there are read.
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

  /** Commands that have failed here are still owed an answer. */
  get #isOwed (): boolean {
    return this.#redis.status === 'ready' && this.#redis.commandQueue.length > 0
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
          new Error(`no answer from Redis for ${this.#deadlines.silenceMs} ms; the connection is made anew`)
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

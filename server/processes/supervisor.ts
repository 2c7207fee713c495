import { fork, type ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { Registry, type Counter } from '@prometheus-io/client'
import type { Logger } from 'pino'
import { RestartPace } from '../../services/clock/restart-pace.ts'
import { registerProcessMetrics } from '../../services/metrics/process-metrics.ts'
import type { Started } from '../welcome.ts'
import { SUPERVISED } from './supervised.ts'
import type { FromProcess } from './messages.ts'
import { PageExchange } from './page-exchange.ts'
import { peerOf, questionedOf, send, type Ending, type Place } from './place.ts'
import { QUESTION_MS, SignsOfLife } from './signs-of-life.ts'

/** The name of the supervisor among the processes on the page of metrics. */
const OWN_NAME = 'supervisor'

export interface SupervisorOptions {
  readonly count: number
  /** The environment of the processes. */
  readonly env: NodeJS.ProcessEnv
  /** How long processes may take to stop in order. */
  readonly stopMs: number
  readonly log: Logger
  /** Called with the exit code of a process that ends before any in its place has listened. */
  readonly onStartFailed: (code: number) => void
}

/** The exit code of a process that could not be started. */
const NOT_STARTED = 1

/**
 * Runs processes that share the ports of a service, and replaces one that ends. Each listens on the ports itself, and
 * the kernel deals the connections out. This process handles none of them.
 */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #places: readonly Place[]
  readonly #pages = new PageExchange()
  readonly #registry = new Registry()
  readonly #restarts: Counter
  readonly #stopping = new AbortController()
  readonly #signs: SignsOfLife

  constructor (options: SupervisorOptions) {
    this.#options = options
    this.#places = Array.from({ length: options.count }, (_, index) => ({
      name: String(index + 1), child: undefined, ended: Promise.resolve([0, null]), isListening: false
    }))
    this.#restarts = registerProcessMetrics(this.#registry, () => this.#listening.length)
    this.#signs = new SignsOfLife((name) => {
      options.log.error({ event: 'process-hung', process: name }, 'a process does not answer and is killed')
    })
    const asking = setInterval(() => this.#signs.ask(this.#listening.map(questionedOf)), QUESTION_MS).unref()
    this.#stopping.signal.addEventListener('abort', () => clearInterval(asking))
  }

  /** Starts all processes, the first one alone: a fault of the configuration shows once. Resolves when all listen. */
  async start (): Promise<Started> {
    const [first, ...others] = this.#places as [Place, ...Place[]]
    const started = await this.#occupy(first)
    await Promise.all(others.map((place) => this.#occupy(place)))
    return started
  }

  /** Stops all processes in order, and kills those that take too long. */
  async stop (signal: NodeJS.Signals): Promise<void> {
    this.#stopping.abort()
    const ended = Promise.all(this.#places.map((place) => place.ended))
    for (const child of this.#children) child.kill(signal)
    const isLate = await Promise.race([ended.then(() => false), delay(this.#options.stopMs, true, { ref: false })])
    if (isLate) this.kill()
    await ended
  }

  /** Ends all processes at once. */
  kill (): void {
    this.#stopping.abort()
    for (const child of this.#children) child.kill('SIGKILL')
  }

  get #listening (): Place[] { return this.#places.filter(({ isListening }) => isListening) }

  get #children (): ChildProcess[] { return this.#places.flatMap(({ child }) => child ?? []) }

  /** Keeps a process in a place until the stop. Resolves when the first one listens. */
  #occupy (place: Place): Promise<Started> {
    return new Promise((resolve) => { void this.#keep(place, resolve) })
  }

  async #keep (place: Place, onStarted: (started: Started) => void): Promise<void> {
    const { log, onStartFailed } = this.#options
    const pace = new RestartPace()
    let hasListened = false
    for (;;) {
      const since = performance.now()
      const [code, signal] = await this.#live(place, (started) => {
        hasListened = true
        onStarted(started)
      })
      if (this.#stopping.signal.aborted) return
      if (!hasListened) {
        // It has said itself why it gave up, but not who killed it.
        if (signal !== null) {
          log.fatal({ event: 'start-failed', process: place.name, signal }, `a process was ended by ${signal} before it listened`)
        }
        return onStartFailed(code ?? NOT_STARTED)
      }
      this.#restarts.inc()
      log.error({ event: 'process-ended', process: place.name, code, signal }, 'a process ended and is replaced')
      await delay(pace.delayAfter(performance.now() - since), undefined, { signal: this.#stopping.signal }).catch(() => {})
      if (this.#stopping.signal.aborted) return
    }
  }

  /** Runs a process in a place. Resolves with how it ended. */
  async #live (place: Place, onStarted: (started: Started) => void): Promise<Ending> {
    const child = fork(process.argv[1]!, [SUPERVISED, place.name], { env: this.#options.env })
    place.child = child
    child.on('message', (message: FromProcess) => {
      this.#signs.receive(place.name)
      if (message.kind === 'started') {
        place.isListening = true
        onStarted(message.started)
      } else if (message.kind === 'page') {
        this.#pages.receive(message.request, { process: place.name, text: message.text })
      } else if (message.kind === 'pages-wanted') void this.#answer(place, child, message.request)
    })
    place.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve([code, signal]))
      child.on('error', (error) => {
        this.#options.log.error({ event: 'process-error', process: place.name, err: error }, 'a process does not answer')
        // One that was never started has no exit.
        if (child.pid === undefined) resolve([NOT_STARTED, null])
      })
    })
    const ending = await place.ended
    place.child = undefined
    place.isListening = false
    this.#pages.leave(place.name)
    return ending
  }

  async #answer (asking: Place, child: ChildProcess, request: number): Promise<void> {
    const peers = this.#listening.filter((place) => place !== asking && !this.#signs.isSilent(place.name)).map(peerOf)
    const [own, others] = await Promise.all([this.#registry.metrics(), this.#pages.gather(peers)])
    send(child, { kind: 'pages', request, others: [...others, { process: OWN_NAME, text: own }] })
  }
}

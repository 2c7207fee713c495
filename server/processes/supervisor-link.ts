import { Deadline } from '../../services/clock/deadline.ts'
import { mergedPage } from '../../services/metrics/merged-page.ts'
import type { Started } from '../welcome.ts'
import type { FromProcess, FromSupervisor } from './messages.ts'

/** Longer than the supervisor waits for a process. */
const PATIENCE_MS = 3_000

type Pages = Extract<FromSupervisor, { kind: 'pages' }>

/** The channel of a process to its supervisor. */
export class SupervisorLink {
  readonly #name: string
  readonly #waiting = new Map<number, (pages: Pages | undefined) => void>()
  #requests = 0
  #ownPage: () => Promise<string> = async () => ''

  /** @param name of this process, its label on a page */
  constructor (name: string) {
    this.#name = name
    process.on('message', (message: FromSupervisor) => {
      if (message.kind === 'pages') this.#waiting.get(message.request)?.(message)
      else if (message.kind === 'page-wanted') void this.#sendPage(message.request)
      else this.#send({ kind: 'alive' })
    })
    process.on('disconnect', stop)
    // It has died while this process was loading its modules: nobody listened for that.
    if (!process.connected) stop()
  }

  /** Says that the process listens. */
  tellStarted (started: Started): void { this.#send({ kind: 'started', started }) }

  /** Answers for this process when another one merges the pages of metrics. */
  offerPage (make: () => Promise<string>): void { this.#ownPage = make }

  /** Returns the own page of metrics merged with those of the other processes; alone if the supervisor is silent. */
  async merged (own: string): Promise<string> {
    const request = ++this.#requests
    const pages = await new Promise<Pages | undefined>((resolve) => {
      const deadline = new Deadline(PATIENCE_MS, () => resolve(undefined))
      this.#waiting.set(request, (answer) => {
        deadline.clear()
        resolve(answer)
      })
      this.#send({ kind: 'pages-wanted', request })
    })
    this.#waiting.delete(request)
    return mergedPage([{ process: this.#name, text: own }, ...pages?.others ?? []])
  }

  async #sendPage (request: number): Promise<void> {
    const text = await this.#ownPage().catch(() => undefined)
    if (text !== undefined) this.#send({ kind: 'page', request, text })
  }

  #send (message: FromProcess): void {
    if (process.connected) process.send?.(message, undefined, undefined, () => {})
  }
}

/** The supervisor has died, and nobody would replace this process or stop it. */
function stop (): void {
  process.kill(process.pid, 'SIGTERM')
}

import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { exchange } from '../../rig/exchange.ts'
import type { Owner } from '../../rig/owner.ts'

const CLIENTS = 4
/** Between the answer to one post of a client and its next: the load is to be steady, not heavy. */
const PAUSE_MS = 15
const BATCH_EVENTS = 5

/**
 * Producers that post single events and batches in turn until they are stopped, and remember what was promised to them.
 */
export class SteadyLoad {
  /** Ids of events that were answered 202. */
  readonly promised = new Set<string>()
  /** The results of posts that were not answered 202. */
  readonly failures: string[] = []
  readonly #agent = new Agent({ keepAlive: true })
  readonly #url: string
  readonly #clients: Promise<void>[]
  #isStopping = false
  #posts = 0

  constructor (t: Owner, url: string) {
    this.#url = url
    t.teardown(() => this.stop())
    this.#clients = Array.from({ length: CLIENTS }, () => this.#run())
  }

  get posts (): number { return this.#posts }

  async stop (): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.#clients)
    this.#agent.destroy()
  }

  async #run (): Promise<void> {
    while (!this.#isStopping) {
      const number = this.#posts++
      const ids = Array.from({ length: number % 2 === 0 ? 1 : BATCH_EVENTS }, (_, index) => `event-${number}-${index}`)
      const events = ids.map((id) => ({ id, type: 'rollout', payload: null, priority: 1 + number % 5 }))
      const failure = await (ids.length === 1 ? this.#post('events', events[0]) : this.#post('events/batch', events))
        .catch((error: Error) => error.message)
      if (failure === undefined) { for (const id of ids) this.promised.add(id) }
      else this.failures.push(failure)
      await wait(PAUSE_MS)
    }
  }

  /** Answers what went wrong, if anything did. */
  async #post (path: string, body: unknown): Promise<string | undefined> {
    const { status, text } = await exchange(`${this.#url}/api/v1/${path}`, JSON.stringify(body), { agent: this.#agent })
    return status === 202 ? undefined : `${status} ${text}`
  }
}

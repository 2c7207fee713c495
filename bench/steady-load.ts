import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { exchange } from '../rig/exchange.ts'

/** The priorities; each has one sender. */
const SENDERS = [1, 1, 4, 5, 8, 9]
const PAUSE_MS = 10

/** The answer to one event; the payload of the event is its number. */
export interface Answer {
  seq: number
  priority: number
  status: number
  reason?: string
  durability?: string
  ms: number
}

/** Senders that each post one event after the other until they are stopped. */
export class SteadyLoad {
  readonly phases = new Map<string, Answer[]>([['before', []]])
  readonly #agent = new Agent({ keepAlive: true })
  readonly #senders: Promise<unknown>
  #phase: Answer[] = this.phases.get('before') as Answer[]
  #isOver = false
  #next = 0

  constructor (url: string) {
    this.#senders = Promise.all(SENDERS.map(async (priority) => {
      while (!this.#isOver) {
        const phase = this.#phase
        phase.push(await this.#post(url, priority))
        await wait(PAUSE_MS)
      }
    }))
  }

  /** Begins a phase: every event posted from here on belongs to it. */
  mark (name: string): void {
    this.#phase = []
    this.phases.set(name, this.#phase)
  }

  async stop (): Promise<void> {
    this.#isOver = true
    await this.#senders
    this.#agent.destroy()
  }

  async #post (url: string, priority: number): Promise<Answer> {
    const seq = this.#next++
    const startedAt = performance.now()
    const { status, text } = await exchange(
      `${url}/api/v1/events`,
      JSON.stringify({ type: 'outage', payload: seq, priority }),
      { agent: this.#agent }
    )
    return { ...JSON.parse(text), seq, priority, status, ms: performance.now() - startedAt }
  }
}

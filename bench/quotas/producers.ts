import { setTimeout as wait } from 'node:timers/promises'
import { Connection } from '../../rig/load/connection.ts'
import { bytesOf } from '../../rig/load/request.ts'
import { pick, randomOf, type Random } from '../../rig/random.ts'

const TICK_MS = 2
const ACCEPTED = 202
const OVER_QUOTA = 429

/** An event that got in: its replica, and the time of the answer in milliseconds of performance.now(). */
export interface Admitted {
  readonly replica: number
  readonly atMs: number
}

/** Posts critical events of one organization to replicas at a steady rate, until it is stopped. */
export class Producers {
  readonly admitted: Admitted[] = []
  /** Answers other than 202 and 429, and requests without an answer. */
  readonly others = new Map<string, number>()
  readonly #ports: readonly number[]
  readonly #free: Connection[][]
  readonly #all: Connection[] = []
  readonly #random: Random
  readonly #running: Promise<void>
  readonly #request = bytesOf({
    method: 'POST',
    path: '/api/v1/events',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'x', priority: 1, payload: 1, organizationId: 'acme' })
  })
  #isStopping = false

  /** @param lot the replicas to draw from: one that is in it twice gets twice as many events */
  constructor (urls: readonly string[], lot: readonly number[], perSecond: number, seed: number) {
    this.#ports = urls.map((url) => Number(new URL(url).port))
    this.#free = urls.map(() => [])
    this.#random = randomOf(seed, 'quotas')
    this.#running = this.#run(lot, perSecond)
  }

  async stop (): Promise<void> {
    this.#isStopping = true
    await this.#running
    for (const connection of this.#all) connection.close()
  }

  async #run (lot: readonly number[], perSecond: number): Promise<void> {
    const startedAt = performance.now()
    for (let sent = 0; !this.#isStopping; await wait(TICK_MS)) {
      for (const due = (performance.now() - startedAt) * perSecond / 1_000; sent < due; sent++) {
        const replica = pick(this.#random, lot)
        const connection = this.#free[replica]!.pop() ?? this.#open(replica)
        connection.send(this.#request, performance.now())
      }
    }
  }

  #open (replica: number): Connection {
    const connection = new Connection({
      port: this.#ports[replica]!,
      onAnswer: (from, { status }) => {
        this.#free[replica]!.push(from)
        if (status === ACCEPTED) this.admitted.push({ replica, atMs: performance.now() })
        else if (status !== OVER_QUOTA) this.#count(String(status))
      },
      onLost: () => this.#count('no answer')
    })
    this.#all.push(connection)
    return connection
  }

  #count (outcome: string): void {
    this.others.set(outcome, (this.others.get(outcome) ?? 0) + 1)
  }
}

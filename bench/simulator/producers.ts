/*
 * The producers of a world in true time: each event comes when the simulator lets it come, and after a refusal when its
 * client comes back.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { Connection } from '../../rig/load/connection.ts'
import { bytesOf } from '../../rig/load/request.ts'
import { ArrivalStream } from '../../simulate/arrivals/arrival-stream.ts'
import { PRIORITIES } from '../../simulate/classes.ts'
import { draw, seedOf } from '../../simulate/draw.ts'
import { Population } from '../../simulate/world/population.ts'
import type { World } from '../../simulate/world/world.ts'
import type { RunRecord } from './run-record.ts'

const TICK_MS = 2
const ACCEPTED = 202

export interface OfferedEvent {
  readonly id: number
  readonly priorityClass: number
  readonly organization: number
  readonly atMs: number
  /** At full speed. */
  readonly serviceMs: number
}

/** All events of a world in order of time, as the simulator draws them. */
export function eventsOf (world: World, seed: number): OfferedEvent[] {
  const stream = new ArrivalStream(world.arrivals, seed)
  const population = new Population(world, seed)
  const events: OfferedEvent[] = []
  while (stream.next()) {
    for (let index = 0; index < stream.count; index++) {
      const id = events.length
      const label = stream.labels?.[index]
      const organization = population.organizationOf(id, label)
      events.push({
        id,
        priorityClass: population.classOf(id, label),
        organization,
        atMs: stream.times[index] as number,
        serviceMs: population.serviceOf(id, organization) * world.meanServiceMs
      })
    }
  }
  return events
}

export interface ProducersOptions {
  readonly port: number
  readonly world: World
  readonly seed: number
  readonly record: RunRecord
  /** Gets each event that a 202 says is stored, with the time at which it was sent. */
  readonly onAdmitted: (event: OfferedEvent, sentAt: number) => void
}

export class Producers {
  readonly #options: ProducersOptions
  readonly #free: Connection[] = []
  readonly #all: Connection[] = []
  readonly #asked = new Map<Connection, { event: OfferedEvent, offers: number }>()
  readonly #returns = new Set<NodeJS.Timeout>()
  readonly #clientSeed: number
  /** Requests without an answer. */
  failed = 0

  constructor (options: ProducersOptions) {
    this.#options = options
    this.#clientSeed = seedOf(options.seed, 'client')
  }

  /** Whether an answer is awaited, or a client will come back. */
  get isBusy (): boolean { return this.#asked.size > 0 || this.#returns.size > 0 }

  /** Offers all events, each at its time after `startedAt` of performance.now(). */
  async run (events: readonly OfferedEvent[], startedAt: number): Promise<void> {
    for (let next = 0; next < events.length;) {
      const now = performance.now() - startedAt
      for (; next < events.length && (events[next] as OfferedEvent).atMs <= now; next++) {
        const event = events[next] as OfferedEvent
        this.#options.record.arrived(event.priorityClass)
        this.#offer(event, 1)
      }
      await wait(TICK_MS)
    }
  }

  close (): void {
    for (const timer of this.#returns) clearTimeout(timer)
    this.#returns.clear()
    for (const connection of this.#all) connection.close()
  }

  #offer (event: OfferedEvent, offers: number): void {
    this.#options.record.offered()
    const connection = this.#free.pop() ?? this.#open()
    this.#asked.set(connection, { event, offers })
    const { id, priorityClass, organization } = event
    connection.send(bytesOf({
      method: 'POST',
      path: '/api/v1/events',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        type: 'event', id: String(id), priority: PRIORITIES[priorityClass], organizationId: `organization-${organization}`,
        payload: id
      })
    }), performance.now())
  }

  #open (): Connection {
    const connection = new Connection({
      port: this.#options.port,
      keepsBody: true,
      onAnswer: (from, { status, body }) => this.#answered(from, status, body),
      onLost: (from) => {
        this.failed++
        this.#asked.delete(from)
        this.#free.push(from)
      }
    })
    this.#all.push(connection)
    return connection
  }

  #answered (connection: Connection, status: number, body: string): void {
    const { event, offers } = this.#asked.get(connection)!
    this.#asked.delete(connection)
    this.#free.push(connection)
    const { record, onAdmitted, world: { clients, mostOffers } } = this.#options
    const answer = JSON.parse(body) as { status: string | number, retryAfterSeconds?: number }
    if (status === ACCEPTED) {
      if (answer.status === 'sampled') {
        record.sampled(event.priorityClass)
        return
      }
      record.admitted(event.priorityClass)
      onAdmitted(event, connection.since)
      return
    }
    const { retryAfterSeconds = Infinity } = answer
    record.refused(retryAfterSeconds)
    if (offers >= mostOffers) return
    const backMs = clients[event.id % clients.length]!
      .comesBackAfterMs(offers, retryAfterSeconds, draw(this.#clientSeed + offers, event.id))
    if (backMs === Infinity) return
    const timer = setTimeout(() => {
      this.#returns.delete(timer)
      this.#offer(event, offers + 1)
    }, backMs)
    this.#returns.add(timer)
  }
}

import { once } from 'node:events'
import {
  createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import type { Random } from '../../rig/random.ts'
import { planFor, type Asked, type Mood } from './mood.ts'

/** An event of a call; its number may be unknown. */
export interface Delivered extends Asked {
  readonly sequence: number | undefined
}

/** Observes the calls to the consumer. */
export interface Witness {
  /** Inspects a call before the consumer handles it. */
  readonly inspect: (headers: IncomingHttpHeaders, body: Buffer) => readonly Delivered[]
  /** The consumer accepts some events of a call; returns the number of the call. */
  readonly take: (events: readonly Delivered[]) => number
  /** The answer to an accepted call was sent, or its connection was lost. */
  readonly ended: (call: number) => void
  /** The consumer refuses events for good. */
  readonly refuse: (events: readonly Delivered[]) => void
}

export interface ConsumerOptions {
  readonly random: Random
  readonly witness: Witness
  /** How long the workers wait for an answer. */
  readonly timeoutMs: number
}

interface Held {
  readonly events: readonly Delivered[]
  readonly reply: ServerResponse
  /** Set if the consumer accepted its events before it held the call. */
  readonly call: number | undefined
}

/**
 * The consumer that Spillway delivers to. It accepts a call on arrival and answers a little later, so that faults hit
 * calls that are accepted but not answered: their repetitions are the duplicates of at-least-once delivery.
 */
export class Consumer {
  url = ''
  readonly #options: ConsumerOptions
  readonly #server: Server
  #mood: Mood = 'well'
  #held: Held[] = []

  constructor (options: ConsumerOptions) {
    this.#options = options
    this.#server = createServer((call, reply) => {
      // A caller may disconnect in the middle of its call.
      this.#receive(call, reply).catch(() => { call.destroy() })
    })
  }

  async start (): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/events`
  }

  /** Sets the mood for all further calls and for those that are not answered yet. */
  behave (mood: Mood): void {
    this.#mood = mood
    if (mood === 'cutting') this.#server.closeAllConnections()
    if (mood === 'hanging') return
    for (const { events, reply, call } of this.#held.splice(0)) {
      // The caller has given up, so the call is not processed.
      if (reply.destroyed || reply.socket === null || reply.socket.destroyed) continue
      if (call === undefined) void this.#decide(events, reply)
      else this.#reply(reply, call, 200, {}, '')
    }
  }

  /** Closes all open connections. */
  reset (): void {
    this.#server.closeAllConnections()
  }

  stop (): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #receive (call: IncomingMessage, reply: ServerResponse): Promise<void> {
    if (this.#mood === 'cutting') return void call.destroy()
    const events = this.#options.witness.inspect(call.headers, await buffer(call))
    await this.#decide(events, reply)
  }

  async #decide (events: readonly Delivered[], reply: ServerResponse): Promise<void> {
    const { witness, random, timeoutMs } = this.#options
    const mood = this.#mood
    if (mood === 'hanging') return void this.#held.push({ events, reply, call: undefined })
    if (mood === 'cutting') return void reply.destroy()
    const { taken, refused, delayMs, status, headers, body } = planFor(mood, events, random, timeoutMs)
    const of = (places: readonly number[]) => places.map((place) => events[place] as Delivered)
    if (refused.length > 0) witness.refuse(of(refused))
    const number = taken.length > 0 ? witness.take(of(taken)) : undefined
    if (number !== undefined) reply.once('close', () => { witness.ended(number) })
    if (delayMs > 0) await wait(delayMs)
    const isNewlyFailing = this.#mood === 'failing' && mood !== 'failing'
    if (this.#mood === 'cutting') reply.destroy()
    else if (this.#mood === 'hanging' && number !== undefined && status === 200)
      this.#held.push({ events, reply, call: number })
    else if (isNewlyFailing) this.#reply(reply, number, 500, {}, '')
    else this.#reply(reply, number, status, headers, body)
  }

  #reply (
    reply: ServerResponse, call: number | undefined, status: number, headers: Readonly<Record<string, string>>,
    body: string
  ): void {
    if (call !== undefined) this.#options.witness.ended(call)
    reply.writeHead(status, headers).end(body)
  }
}

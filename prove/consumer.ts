import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { integer, type Random } from './random.ts'

/** How the consumer treats calls: it handles them, holds them, answers 500, or closes their connections. */
export type Mood = 'well' | 'hanging' | 'failing' | 'cutting'

const LONGEST_WORK_MS = 15

export interface ConsumerOptions {
  readonly random: Random
  /** Takes the `data` of each event that the consumer handles. */
  readonly onEvent: (data: unknown) => void
}

/**
 * The consumer that Spillway delivers to. It handles a call when it comes and answers a little later, so that a fault finds
 * calls that were handled and not answered: what comes again because of it are the duplicates of at-least-once.
 */
export class Consumer {
  url = ''
  readonly #options: ConsumerOptions
  readonly #server: Server
  #mood: Mood = 'well'
  #held: { body: string, reply: ServerResponse }[] = []

  constructor (options: ConsumerOptions) {
    this.#options = options
    this.#server = createServer((call, reply) => {
      // A caller that goes away in the middle of its call is nothing to worry about.
      this.#take(call, reply).catch(() => { call.destroy() })
    })
  }

  async start (): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/events`
  }

  /** What was handled and not yet answered goes by the new mood, as everything that comes. */
  behave (mood: Mood): void {
    this.#mood = mood
    if (mood === 'cutting') this.#server.closeAllConnections()
    if (mood !== 'well') return
    for (const { body, reply } of this.#held.splice(0)) {
      // Whose caller has given up is not handled any more.
      if (reply.destroyed || reply.socket === null || reply.socket.destroyed) continue
      if (body !== '') this.#handle(body)
      reply.end()
    }
  }

  stop (): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #take (call: IncomingMessage, reply: ServerResponse): Promise<void> {
    if (this.#mood === 'cutting') return void call.destroy()
    const body = await text(call)
    if (this.#mood === 'hanging') return void this.#held.push({ body, reply })
    if (this.#mood === 'well') {
      this.#handle(body)
      await wait(integer(this.#options.random, 0, LONGEST_WORK_MS))
    }
    this.#answer(call, reply)
  }

  #answer (call: IncomingMessage, reply: ServerResponse): void {
    if (this.#mood === 'well') reply.end()
    else if (this.#mood === 'failing') reply.writeHead(500).end()
    else if (this.#mood === 'hanging') this.#held.push({ body: '', reply })
    else call.destroy()
  }

  #handle (body: string): void {
    for (const { data } of JSON.parse(body) as { data: unknown }[]) this.#options.onEvent(data)
  }
}

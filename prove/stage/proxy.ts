import { once } from 'node:events'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'

/** How the way to Redis behaves: as it should, slowly, or it swallows all that is sent. */
export type ProxyMood =
  { readonly kind: 'well' } | { readonly kind: 'slow', readonly delayMs: number } | { readonly kind: 'swallowing' }

const WELL: ProxyMood = { kind: 'well' }

/** A TCP way to a unix socket that can be disturbed without harm to either end. */
export class Proxy {
  port = 0
  /** Why nothing goes this way; undefined when it does. */
  readonly obstacle: string | undefined
  readonly #target: string
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #mood: ProxyMood = WELL

  /** @param target the unix socket that it leads to */
  constructor (target: string, obstacle?: string) {
    this.obstacle = obstacle
    this.#target = target
    this.#server = net.createServer({ allowHalfOpen: false }, (client) => { this.#join(client) })
  }

  async start (): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  /** Swallowed bytes are gone for good, so the connections of that time are cut when it ends. */
  behave (mood: ProxyMood): void {
    const wasSwallowing = this.#mood.kind === 'swallowing'
    this.#mood = mood
    if (wasSwallowing) this.reset()
  }

  /** Resets every connection. */
  reset (): void {
    for (const [client, server] of this.#pairs) {
      client.resetAndDestroy()
      server.destroy()
    }
  }

  stop (): void {
    this.#server.close()
    this.reset()
  }

  #join (client: Socket): void {
    const server = net.connect(this.#target)
    const pair = [client, server] as const
    this.#pairs.add(pair)
    client.setNoDelay(true)
    this.#carry(client, server)
    this.#carry(server, client)
    for (const end of pair) {
      end.once('error', () => {})
      end.once('close', () => {
        this.#pairs.delete(pair)
        for (const other of pair) other.destroy()
      })
    }
  }

  /** Bytes leave in the order in which they came, whatever the mood was then. */
  #carry (from: Socket, to: Socket): void {
    const held: { dueAt: number, chunk: Buffer }[] = []
    const release = () => {
      while (held[0] !== undefined && held[0].dueAt <= performance.now()) {
        to.write((held.shift() as { chunk: Buffer }).chunk)
      }
      if (held[0] !== undefined) setTimeout(release, held[0].dueAt - performance.now())
    }
    from.on('data', (chunk: Buffer) => {
      if (this.#mood.kind === 'swallowing') return
      const delayMs = this.#mood.kind === 'slow' ? this.#mood.delayMs : 0
      if (delayMs === 0 && held.length === 0) return void to.write(chunk)
      held.push({ dueAt: performance.now() + delayMs, chunk })
      if (held.length === 1) setTimeout(release, delayMs)
    })
  }
}

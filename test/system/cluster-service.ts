import { Agent, createServer, get, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Owner } from '../../rig/owner.ts'

interface Endpoint {
  readonly url: URL
  readonly agent: Agent
  requests: number
  isReady: boolean
  /** When the last answer was asked for, not when it came: what is known is as old as that. */
  askedAt: number
  asking: Promise<void> | undefined
}

/**
 * The load balancer in front of the replicas of an API in a cluster: it asks each whether it is ready, and sends new
 * requests to those that said so, over connections that are kept. It hears of an end with a lag of at most `lagMs`, and
 * never sends a request twice: a request that fails, fails.
 */
export class ClusterService {
  readonly #endpoints = new Map<string, Endpoint>()
  /** How old an answer may be that requests are sent by. */
  lagMs: number
  readonly #server = createServer((incoming, answer) => { void this.#forward(incoming, answer) })
  #turn = 0
  url = ''

  private constructor (lagMs: number) {
    this.lagMs = lagMs
  }

  static async start (t: Owner, { lagMs }: { lagMs: number }): Promise<ClusterService> {
    const service = new ClusterService(lagMs)
    service.#server.listen(0, '127.0.0.1')
    await once(service.#server, 'listening')
    service.url = `http://127.0.0.1:${(service.#server.address() as AddressInfo).port}`
    t.teardown(async () => {
      service.#server.close()
      service.#server.closeAllConnections()
      for (const { agent } of service.#endpoints.values()) agent.destroy()
    })
    return service
  }

  add (url: string): void {
    this.#endpoints.set(url, {
      url: new URL(url),
      agent: new Agent({ keepAlive: true }),
      requests: 0,
      isReady: false,
      askedAt: -Infinity,
      asking: undefined
    })
  }

  /** Takes out one that has ended. */
  remove (url: string): void {
    this.#endpoints.get(url)?.agent.destroy()
    this.#endpoints.delete(url)
  }

  /** Requests that went to this endpoint. */
  requestsTo (url: string): number {
    return this.#endpoints.get(url)?.requests ?? 0
  }

  async #forward (incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const endpoint = await this.#next()
    if (endpoint === undefined) {
      answer.writeHead(502).end('nobody is ready')
      return
    }
    endpoint.requests++
    const { connection: _connection, ...headers } = incoming.headers
    const outgoing = request(endpoint.url, {
      path: incoming.url,
      method: incoming.method,
      headers,
      agent: endpoint.agent
    })
    outgoing.on('error', (error) => {
      answer.writeHead(502).end(error.message)
    })
    outgoing.on('response', (response) => {
      const { connection: _connection, ...headers } = response.headers
      answer.writeHead(response.statusCode ?? 502, headers)
      response.pipe(answer)
    })
    incoming.pipe(outgoing)
  }

  async #next (): Promise<Endpoint | undefined> {
    const endpoints = [...this.#endpoints.values()]
    await Promise.all(endpoints.map((endpoint) => this.#refresh(endpoint)))
    const ready = endpoints.filter(({ isReady }) => isReady)
    return ready[this.#turn++ % ready.length]
  }

  async #refresh (endpoint: Endpoint): Promise<void> {
    // A replica that was not ready may be by now; and an answer that was long in progress is as old as its question,
    // and is asked for again.
    if (!endpoint.isReady) await (endpoint.asking ??= ask(endpoint))
    while (endpoint.isReady && performance.now() - endpoint.askedAt > this.lagMs)
      await (endpoint.asking ??= ask(endpoint))
  }
}

async function ask (endpoint: Endpoint): Promise<void> {
  const askedAt = performance.now()
  endpoint.isReady = await isReady(endpoint.url)
  endpoint.askedAt = askedAt
  endpoint.asking = undefined
}

function isReady (url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = get(new URL('/api/v1/health/readiness', url), { agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    probe.on('error', () => resolve(false))
  })
}

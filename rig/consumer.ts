import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { freePort } from './free-port.ts'
import type { Owner } from './owner.ts'

export interface Call {
  method: string | undefined
  url: string | undefined
  headers: IncomingHttpHeaders
  body: string
}

export interface Consumer {
  url: string
  /** Every call so far, unless calls are not kept. */
  calls: Call[]
  /** Sets the answer to all further calls. */
  answer: (call: Call, reply: ServerResponse, request: IncomingMessage) => void
}

export interface ConsumerOptions {
  /** False for a consumer that gets too many calls to keep. */
  keepsCalls?: boolean
  /** A free port by default. */
  port?: number
  /**
   * Idle time after which a connection is closed, which the answers do not announce; the default of Node.js if absent.
   */
  idleMs?: number
  /** An address of loopback to listen on, 127.0.0.1 by default. */
  host?: string
  /** Called with each call, whether calls are kept or not. */
  onCall?: (call: Call) => void
}

/** Starts a consumer that answers 200 until a test changes that. It ends with its owner. */
export async function startConsumer (
  owner: Owner,
  { keepsCalls = true, port = 0, idleMs, host = '127.0.0.1', onCall }: ConsumerOptions = {}
): Promise<Consumer> {
  const consumer: Consumer = {
    url: '',
    calls: [],
    answer: (_call, reply) => {
      reply.end()
    }
  }
  const server = createServer(async (request, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method, url, headers } = request
    const call = { method, url, headers, body: Buffer.concat(chunks).toString() }
    if (keepsCalls) consumer.calls.push(call)
    onCall?.(call)
    // Otherwise the server adds a Keep-Alive header with its time-out.
    if (idleMs !== undefined) reply.setHeader('connection', 'keep-alive')
    consumer.answer(call, reply, request)
  })
  if (idleMs !== undefined) Object.assign(server, { keepAliveTimeout: idleMs, keepAliveTimeoutBuffer: 0 })
  server.listen(port, host)
  await once(server, 'listening')
  consumer.url = `http://${host}:${(server.address() as AddressInfo).port}/events`
  owner.teardown(() => { server.closeAllConnections(); server.close() })
  return consumer
}

/** Returns an address that refuses connections: its port was free a moment ago. */
export async function refusedUrl (): Promise<string> {
  return `http://127.0.0.1:${await freePort()}/events`
}

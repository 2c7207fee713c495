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
  /** Every call so far, whole, unless they are not kept. */
  calls: Call[]
  /** Answers the calls that come from now on. */
  answer: (call: Call, reply: ServerResponse, request: IncomingMessage) => void
}

export interface ConsumerOptions {
  /** False for one that gets more calls than should be kept. */
  keepsCalls?: boolean
  /** A free one by default. */
  port?: number
  /** How long a connection may be idle before it is closed, without a word of that in the answers; by default as servers of Node.js do it. */
  idleMs?: number
}

/** A consumer that answers 200 until a test changes that, and ends with its owner. */
export async function startConsumer (owner: Owner, { keepsCalls = true, port = 0, idleMs }: ConsumerOptions = {}): Promise<Consumer> {
  const consumer: Consumer = { url: '', calls: [], answer: (_call, reply) => { reply.end() } }
  const server = createServer(async (request, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method, url, headers } = request
    const call = { method, url, headers, body: Buffer.concat(chunks).toString() }
    if (keepsCalls) consumer.calls.push(call)
    // Otherwise the server adds for how long it keeps connections.
    if (idleMs !== undefined) reply.setHeader('connection', 'keep-alive')
    consumer.answer(call, reply, request)
  })
  if (idleMs !== undefined) Object.assign(server, { keepAliveTimeout: idleMs, keepAliveTimeoutBuffer: 0 })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  consumer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`
  owner.teardown(() => { server.closeAllConnections(); server.close() })
  return consumer
}

/** An address that refuses connections: its port was free a moment ago. */
export async function refusedUrl (): Promise<string> {
  return `http://127.0.0.1:${await freePort()}/events`
}

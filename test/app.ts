import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import { pino, type Logger } from 'pino'
import { buildServer } from '../server/build-server.ts'
import { bullmqOf } from './bullmq.ts'
import { loadConfig } from '../services/config/load-config.ts'
import type { NamedHandler } from '../workers/batch-runner.ts'
import type { Outcome } from '../services/event/outcome.ts'
import type { EventHandler } from '../workers/handler.ts'
import type { QueuedEvent } from '../services/event/event.ts'
import { decodeEvents } from '../services/queue/batch-data.ts'
import { BUSY_MACHINE } from '../rig/busy-machine.ts'
import { eventually } from '../rig/eventually.ts'
import { startRedis, type RedisProcess } from '../rig/redis.ts'
import type { Owner } from '../rig/owner.ts'

export interface TestAppOptions {
  /** Environment keys beside REDIS_URL. */
  env?: Record<string, string>
  /** A Redis that is shared with other apps; one of its own by default. */
  redis?: RedisProcess
  /** None by default; 'configured' runs those in workers/handlers/ that the environment asks for. */
  handlers?: readonly NamedHandler[] | 'configured'
  /** Folders of policies besides the built-in ones. */
  policyFolders?: readonly string[]
  log?: Logger
  /** False for a start while Redis is away; by default the app has read the queue when it is handed out. */
  awaitsQueue?: boolean
}

export interface TestApp {
  app: FastifyInstance
  redis: RedisProcess
}

/**
 * Builds an app against a real Redis, ready to take requests by inject; it closes itself with the test. An API without
 * worker and without a spool, unless ROLE and SPOOL_CLASSES say otherwise; a worker without handlers discards events.
 */
export async function startApp (
  t: Owner,
  { env = {}, redis, handlers = [], policyFolders = [], log, awaitsQueue = true }: TestAppOptions = {}
): Promise<TestApp> {
  const server = redis ?? await startRedis(t)
  const config = loadConfig({
    REDIS_URL: server.url,
    DATA_DIR: join(server.folder, 'data'),
    ROLE: 'api',
    WITHOUT_HANDLER: 'discard',
    SPOOL_CLASSES: 'none',
    LOG_LEVEL: 'silent',
    ...BUSY_MACHINE,
    ...env
  })
  const app = await startInside(t, {
    config, policyFolders, log: log ?? pino({ level: 'silent' }), ...(handlers !== 'configured' && { handlers })
  })
  if (awaitsQueue) await eventually('the app has read the queue', () => app.backpressure.signals.isDepthKnown)
  return { app, redis: server }
}

/**
 * Builds a server that closes itself with the test, and returns its Spillway; that listens and closes as the server
 * would.
 */
export async function startInside (t: Owner, options: Parameters<typeof buildServer>[0]): Promise<FastifyInstance> {
  const { server, spillway } = await buildServer(options)
  t.teardown(async () => { await server.close() })
  await server.ready()
  return Object.create(spillway, { listen: { value: server.listen.bind(server) } }) as FastifyInstance
}

/** Listens on loopback, on a free port by default, and returns the address. */
export async function listen (app: FastifyInstance, port = 0): Promise<string> {
  await app.listen({ host: '127.0.0.1', port })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

/** A handler that takes one event at a time, for tests. */
export function eventHandler (handle: (event: QueuedEvent) => Outcome | Promise<Outcome>, name = 'test'): NamedHandler {
  const handler: EventHandler = { kind: 'event', handle: async (event) => handle(event) }
  return { name, handler }
}

/** Posts one event and answers the response. */
export function post (app: FastifyInstance, event: object | string, headers: Record<string, string> = {}) {
  return app.inject({
    method: 'POST', url: '/api/v1/events', headers: { 'content-type': 'application/json', ...headers },
    payload: typeof event === 'string' ? event : JSON.stringify(event)
  })
}

/** Posts many events, as an array or as text of the media type in `headers`. */
export function postBatch (
  app: FastifyInstance,
  events: readonly unknown[] | string | Buffer,
  headers: Record<string, string> = {}
) {
  return app.inject({
    method: 'POST', url: '/api/v1/events/batch', headers: { 'content-type': 'application/json', ...headers },
    payload: typeof events === 'string' || Buffer.isBuffer(events) ? events : JSON.stringify(events)
  })
}

/** Everything that waits in the queue, read back from BullMQ, in the order in which workers would take it. */
export async function storedEvents (app: FastifyInstance): Promise<QueuedEvent[]> {
  const jobs = await bullmqOf(app).getJobs(['waiting', 'prioritized', 'delayed'], 0, -1, true)
  return jobs.flatMap(({ id, data }) => decodeEvents(id as string, data))
}

/** A request on a real socket, of which the sender still owes the rest. */
export interface OpenRequest {
  write: (text: string | Buffer) => void
  end: () => void
  /** Breaks the connection. */
  hangUp: () => void
  /** Status, headers and body of the answer. */
  answer: Promise<
    { statusCode: number | undefined, headers: IncomingMessage['headers'], body: Record<string, unknown> }
  >
}

/**
 * Begins a POST over a real socket: the headers go out and nothing else. Without a content-length the body is chunked.
 */
export async function beginPost (
  t: Owner,
  app: FastifyInstance,
  path: string,
  headers: Record<string, string>
): Promise<OpenRequest> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const outgoing = request({ host: '127.0.0.1', port, path, method: 'POST', agent: false, headers })
  // A server that answers early may hang up on the rest.
  outgoing.on('error', () => {})
  t.teardown(async () => { outgoing.destroy() })
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  const answer = answered.then(async ([incoming]) => ({
    statusCode: incoming.statusCode, headers: incoming.headers, body: await json(incoming) as Record<string, unknown>
  }))
  answer.catch(() => {})
  outgoing.flushHeaders()
  return {
    write: (text) => {
      outgoing.write(text)
    },
    end: () => {
      outgoing.end()
    },
    hangUp: () => {
      outgoing.destroy()
    },
    answer
  }
}

/** The value of one series of the Prometheus page, as it is now: the page itself may be a second old. */
export async function metric (app: FastifyInstance, series: string): Promise<number> {
  const page = await app.metricsRegistry.metrics()
  const line = page.split('\n').find((line) => line.startsWith(`${series} `))
  if (line === undefined) throw new Error(`no series ${series}`)
  return Number(line.slice(series.length + 1))
}

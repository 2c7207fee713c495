import type { FastifyInstance } from 'fastify'
import { pino, type Logger } from 'pino'
import { buildApp } from '../app.ts'
import { loadConfig } from '../services/config/load-config.ts'
import type { NamedHandler } from '../workers/batch-runner.ts'
import type { Outcome } from '../services/event/outcome.ts'
import type { EventHandler } from '../workers/handler.ts'
import type { QueuedEvent } from '../services/event/event.ts'
import { eventually } from './eventually.ts'
import { startRedis, type RedisForTest } from './redis.ts'

interface TestWithTeardown {
  teardown: (handler: () => Promise<void>) => unknown
}

export interface TestAppOptions {
  /** Environment keys beside REDIS_URL. */
  env?: Record<string, string>
  /** A Redis that is shared with other apps; one of its own by default. */
  redis?: RedisForTest
  /** None by default; 'configured' runs those in workers/handlers/ that the environment asks for. */
  handlers?: readonly NamedHandler[] | 'configured'
  log?: Logger
}

export interface TestApp {
  app: FastifyInstance
  redis: RedisForTest
}

/** Builds an app against a real Redis, ready to take requests by inject; it closes itself with the test. An API without worker, unless ROLE says otherwise. */
export async function startApp (t: TestWithTeardown, { env = {}, redis, handlers = [], log }: TestAppOptions = {}): Promise<TestApp> {
  const server = redis ?? await startRedis(t)
  const config = loadConfig({ REDIS_URL: server.url, ROLE: 'api', QUEUE_SAMPLE_INTERVAL_MS: '20', LOG_LEVEL: 'silent', ...env })
  const app = await buildApp({ config, log: log ?? pino({ level: 'silent' }), ...(handlers !== 'configured' && { handlers }) })
  t.teardown(async () => { await app.close() })
  await app.ready()
  await eventually('the app has read the queue', () => app.backpressure.signals.isDepthKnown)
  return { app, redis: server }
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

/** The value of one series of the Prometheus page. */
export async function metric (app: FastifyInstance, series: string): Promise<number> {
  const page = (await app.inject('/api/v1/metrics/prometheus')).body
  const line = page.split('\n').find((line) => line.startsWith(`${series} `))
  if (line === undefined) throw new Error(`no series ${series}`)
  return Number(line.slice(series.length + 1))
}

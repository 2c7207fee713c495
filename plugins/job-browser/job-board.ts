/*
 * The job browser itself: bull-board on our queue, as a Fastify of its own that does not listen. The plugin decides who
 * gets here; this file does not ask.
 */
import { createBullBoard } from '@bull-board/api'
import type { ControllerHandlerReturnType } from '@bull-board/api/typings/app'
import { FastifyAdapter } from '@bull-board/fastify'
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { pageHeaders } from '../../services/access/page-headers.ts'
import { BatchAdapter } from '../../services/queue/bullmq/batch-adapter.ts'
import { BatchQueue } from '../../services/queue/bullmq/batch-queue.ts'
import type { QueueKeys } from '../../services/queue/keys.ts'
import { isOutage } from '../../services/redis/outage.ts'
import { PROBLEM_CONTENT_TYPE, problemJson } from '../../services/problem/problem.ts'

export interface JobBoardOptions {
  redis: FastifyInstance['redis']
  keysOfShards: readonly QueueKeys[]
  /** Path that it is mounted at. */
  path: string
  /** Whether it may do what is in ACTIONS; else it only reads. */
  mayAct: boolean
  log: FastifyBaseLogger
}

/**
 * Actions on a queue from outside that lose, alter or repeat no event, and keep depth right. All else that
 * bull-board knows goes around the ledger and the dead letters: removing, emptying, retrying, hastening, adding and editing jobs.
 * Actions of a later version are not allowed either, until they are here.
 */
const ACTIONS: ReadonlySet<string> = new Set([
  'put /api/queues/pause',
  'put /api/queues/resume',
  'put /api/queues/:queueName/pause',
  'put /api/queues/:queueName/resume',
  'put /api/queues/:queueName/rate-limit/release'
])

const REFUSED = { allow: false, status: 403, errorKey: 'ERRORS.FORBIDDEN' } as const
const READS_ONLY = { ...REFUSED, message: 'JOB_BROWSER=read-only: this page changes nothing' }
const NOT_ALLOWED = { ...REFUSED, message: 'This would lose, alter or repeat events, or make depth wrong; dead letters are replayed and deleted by /api/v1/dead-letters' }

const BODY_LIMIT_BYTES = 4_096

/** The page sets styles by script, draws symbols from data URLs, resolves its links against its base, and has forms. */
const HEADERS = pageHeaders({
  'style-src': "'self' 'unsafe-inline'", 'img-src': "'self' data:", 'base-uri': "'self'", 'form-action': "'self'"
})

/** Fonts of a foreign host; without them the page takes those of the system. */
const FOREIGN_LINK = /<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>/g

/** Makes the job browser. It takes requests by `routing`, and is to be closed. */
export async function createJobBoard ({ redis, keysOfShards, path, mayAct, log }: JobBoardOptions): Promise<FastifyInstance> {
  const board = Fastify({ logger: false, bodyLimit: BODY_LIMIT_BYTES, routerOptions: { ignoreTrailingSlash: true } })
  board.addHook('onRequest', async (_request, reply) => { reply.headers(HEADERS) })
  board.addHook('onSend', async (_request, reply, payload) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    return typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html') ? payload.replace(FOREIGN_LINK, '') : payload
  })
  board.setNotFoundHandler((_request, reply) => reply.code(404).type(PROBLEM_CONTENT_TYPE).send(problemJson({ status: 404, slug: 'not-found' })))

  const queues = keysOfShards.map((keys) => new BatchQueue(redis, keys))
  // The queue of the service says what is wrong with their connection.
  for (const queue of queues) queue.on('error', () => {})
  board.addHook('onClose', async () => { await Promise.all(queues.map((queue) => queue.close())) })
  const server = new FastifyAdapter().setBasePath(path)
  createBullBoard({
    queues: queues.map((queue) => new BatchAdapter(queue, { readOnlyMode: !mayAct, allowRetries: false })),
    serverAdapter: server,
    options: {
      uiConfig: { boardTitle: 'Spillway', hideDocsLink: true },
      handlerHooks: {
        before: ({ method, route }) => {
          if (method === 'get') return { allow: true }
          if (!mayAct) return READS_ONLY
          return ACTIONS.has(`${method} ${route}`) ? { allow: true } : NOT_ALLOWED
        }
      }
    }
  })
  // Its own one tells what went wrong inside.
  server.setErrorHandler((error) => answerOf(error, log))
  await board.register(server.registerPlugin(), { prefix: path })
  await board.ready()
  return board
}

function answerOf (error: Error & { statusCode?: number }, log: FastifyBaseLogger): ControllerHandlerReturnType {
  const isAway = isOutage(error)
  const status = (error.statusCode ?? (isAway ? 503 : 500)) as NonNullable<ControllerHandlerReturnType['status']>
  if (status >= 500 && !isAway) log.error({ event: 'request-failed', err: error }, 'a request of the job browser failed')
  return { status, body: { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' }, message: isAway ? 'Redis is out of reach' : 'The request failed' } }
}

/*
 * The job browser itself: bull-board on our queue, in a separate Fastify instance that does not listen. The plugin
 * checks access; this file does not.
 */
import { createBullBoard } from '@bull-board/api'
import type { ControllerHandlerReturnType } from '@bull-board/api/typings/app'
import { FastifyAdapter } from '@bull-board/fastify'
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { pageHeaders } from '../../services/access/page-headers.ts'
import { BatchAdapter } from '../../services/queue/bullmq/batch-adapter.ts'
import { BatchQueue } from '../../services/queue/bullmq/batch-queue.ts'
import type { Shard } from '../../services/queue/shard.ts'
import { isOutage } from '../../services/redis/outage.ts'
import { PROBLEM_CONTENT_TYPE, problemJson } from '../../services/problem/problem.ts'

export interface JobBoardOptions {
  /** Returns the shards to show. */
  shardsOf: () => readonly Pick<Shard, 'keys' | 'redis'>[]
  /** The path of its mount point. */
  path: string
  /** Whether it may run the ACTIONS; otherwise it only reads. */
  mayAct: boolean
  log: FastifyBaseLogger
}

/**
 * Actions that lose, alter or repeat no event, and keep depth right. The other actions of bull-board bypass the ledger
 * and the dead letters: they remove, retry, promote, add and edit jobs, or empty the queue. This list also keeps out
 * actions that a later version adds.
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
const NOT_ALLOWED = {
  ...REFUSED,
  message:
    'This would lose, alter or repeat events, or make depth wrong; dead letters are replayed and deleted by ' +
    '/api/v1/dead-letters'
}

const BODY_LIMIT_BYTES = 4_096

/** The page sets styles by script, draws icons from data URLs, resolves its links against its base, and has forms. */
const HEADERS = pageHeaders({
  'style-src': "'self' 'unsafe-inline'", 'img-src': "'self' data:", 'base-uri': "'self'", 'form-action': "'self'"
})

/** Fonts from another host; without them the page uses those of the system. */
const FOREIGN_LINK = /<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>/g

/** Makes the job browser. It receives requests through `routing`; the caller has to close it. */
export async function createJobBoard (
  { shardsOf, path, mayAct, log }: JobBoardOptions
): Promise<FastifyInstance> {
  const board = Fastify({ logger: false, bodyLimit: BODY_LIMIT_BYTES, routerOptions: { ignoreTrailingSlash: true } })
  board.addHook('onRequest', async (_request, reply) => { reply.headers(HEADERS) })
  board.addHook('onSend', async (_request, reply, payload) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    return typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')
      ? payload.replace(FOREIGN_LINK, '')
      : payload
  })
  board.setNotFoundHandler((_request, reply) =>
    reply.code(404).type(PROBLEM_CONTENT_TYPE).send(problemJson({ status: 404, slug: 'not-found' }))
  )

  const shown: { queue: BatchQueue, adapter: BatchAdapter }[] = []
  /** Shows each shard as a queue; there may be more or fewer of them than before. */
  const adapters = (): BatchAdapter[] => shardsOf().map((shard, number) => {
    const { adapter } = shown[number] ??= opened(shard, number)
    return adapter
  })
  function opened ({ keys, redis }: Pick<Shard, 'keys' | 'redis'>, number: number): typeof shown[number] {
    const queue = new BatchQueue(redis, keys)
    // The queue of the service already logs errors of the connection.
    queue.on('error', () => {})
    const prefix = number === 0 ? '' : `shard-${number}-`
    return { queue, adapter: new BatchAdapter(queue, { readOnlyMode: !mayAct, allowRetries: false, prefix }) }
  }
  board.addHook('onClose', async () => { await Promise.all(shown.map(({ queue }) => queue.close())) })
  const server = new FastifyAdapter().setBasePath(path)
  const { replaceQueues } = createBullBoard({
    queues: adapters(),
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
  board.addHook('onRequest', async () => { replaceQueues(adapters()) })
  // Its default handler would reveal internals.
  server.setErrorHandler((error) => answerOf(error, log))
  await board.register(server.registerPlugin(), { prefix: path })
  await board.ready()
  return board
}

function answerOf (error: Error & { statusCode?: number }, log: FastifyBaseLogger): ControllerHandlerReturnType {
  const isAway = isOutage(error)
  const status = (error.statusCode ?? (isAway ? 503 : 500)) as NonNullable<ControllerHandlerReturnType['status']>
  if (status >= 500 && !isAway)
    log.error({ event: 'request-failed', err: error }, 'a request of the job browser failed')
  return {
    status,
    body: {
      error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' },
      message: isAway ? 'Redis is out of reach' : 'The request failed'
    }
  }
}

import fp from 'fastify-plugin'
import { lastAnswer } from './lifecycle/last-answer.ts'

declare module 'fastify' {
  interface FastifyInstance {
    lifecycle: Lifecycle
  }
}

/** Whether this process is on its way out: readiness turns first, then connections are asked to go elsewhere. */
export class Lifecycle {
  readonly #drain = new AbortController()

  get isDraining (): boolean { return this.#drain.signal.aborted }

  /** Aborted when the process begins to stop. */
  get draining (): AbortSignal { return this.#drain.signal }

  beginDrain (): void { this.#drain.abort() }
}

export default fp(async (fastify) => {
  const lifecycle = new Lifecycle()
  fastify.decorate('lifecycle', lifecycle)
  let cutOff: NodeJS.Timeout | undefined
  fastify.addHook('preClose', async () => {
    lifecycle.beginDrain()
    // A sender that stops in the middle of its body must not keep what comes after the requests from being closed.
    cutOff = setTimeout(() => fastify.server.closeAllConnections(), fastify.config.SHUTDOWN_DEADLINE_MS)
  })
  fastify.addHook('onClose', async () => clearTimeout(cutOff))
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (lifecycle.isDraining) {
      // A keep-alive connection that nobody closes would hold up the shutdown until its time-out.
      reply.header('connection', 'close')
    } else if (reply.getHeader('connection') !== 'close') return done(null, payload)
    const isLeftUnread = request.raw.complete === false && (typeof payload === 'string' || Buffer.isBuffer(payload))
    if (!isLeftUnread) return done(null, payload)
    reply.header('content-length', Buffer.byteLength(payload))
    done(null, lastAnswer(payload, request.raw))
  })
}, { name: 'lifecycle', dependencies: ['config'] })

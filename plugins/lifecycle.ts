import fp from 'fastify-plugin'
import { lingeringAnswer, unreadBody } from '../services/connections/lingering-answer.ts'

declare module 'fastify' {
  interface FastifyInstance {
    lifecycle: Lifecycle
  }
}

/** Whether this process is stopping: readiness fails first, then answers ask connections to close. */
class Lifecycle {
  readonly #drain = new AbortController()

  get isDraining (): boolean { return this.#drain.signal.aborted }

  /** Aborted when the process begins to stop. */
  get draining (): AbortSignal { return this.#drain.signal }

  beginDrain (): void { this.#drain.abort() }
}

export interface LifecycleOptions {
  /** Aborted when the process is about to stop. */
  stopping?: AbortSignal | undefined
}

export default fp<LifecycleOptions>(async (fastify, { stopping }) => {
  const lifecycle = new Lifecycle()
  fastify.decorate('lifecycle', lifecycle)
  stopping?.addEventListener('abort', () => lifecycle.beginDrain(), { once: true })
  fastify.addHook('preClose', async () => lifecycle.beginDrain())
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const rest = unreadBody(request.raw)
    if (!lifecycle.isDraining && rest === 'none') return done(null, payload)
    // A keep-alive connection that stays open would delay the shutdown until its time-out.
    if (lifecycle.isDraining || rest !== 'short') reply.header('connection', 'close')
    // A sender with Expect: 100-continue sends no body after a final answer.
    const isComing = rest !== 'none' && (request.headers.expect === undefined || request.isInvited === true)
    if (!isComing || !(typeof payload === 'string' || Buffer.isBuffer(payload))) return done(null, payload)
    reply.header('content-length', Buffer.byteLength(payload))
    done(null, lingeringAnswer(payload, reply.raw, lifecycle.draining))
  })
}, { name: 'lifecycle' })

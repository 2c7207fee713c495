import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    lifecycle: Lifecycle
  }
}

/** Whether this process is on its way out: readiness turns first, then connections are asked to go elsewhere. */
export class Lifecycle {
  #isDraining = false

  get isDraining (): boolean { return this.#isDraining }

  beginDrain (): void { this.#isDraining = true }
}

export default fp(async (fastify) => {
  const lifecycle = new Lifecycle()
  fastify.decorate('lifecycle', lifecycle)
  fastify.addHook('preClose', async () => lifecycle.beginDrain())
  fastify.addHook('onSend', async (_request, reply) => {
    // A keep-alive connection that nobody closes would hold up the shutdown until its time-out.
    if (lifecycle.isDraining) reply.header('connection', 'close')
  })
}, { name: 'lifecycle' })

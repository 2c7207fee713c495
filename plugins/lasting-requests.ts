import type { ServerResponse } from 'node:http'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { whenOver } from '../services/connections/when-over.ts'
import { KeyEnds } from '../services/producer/key-ends.ts'
import { KeySlots } from '../services/producer/key-slots.ts'
import { covers } from '../services/producer/producer.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The open streams of each key. */
    keyStreams: KeySlots
    /**
     * Tells whether the key of a request that lasts is still in force, with the rights that it had; for a request without
     * a key, whether none is required still.
     */
    isInForce: (request: FastifyRequest) => Promise<boolean>
    /**
     * Takes a place among the open streams of the key of a request, until the answer is over. Ends the answer when the
     * key is no longer in force. False if the key has no place left.
     */
    holdStream: (request: FastifyRequest, answer: ServerResponse) => boolean
  }
}

/** Requests that last: each key has a bounded number of streams, and no stream outlives its key. */
export default fp(async (fastify) => {
  const { authenticator, config: { KEY_MAX_STREAMS }, portOf } = fastify
  const ends = new KeyEnds()
  const streams = new KeySlots(KEY_MAX_STREAMS)

  async function isInForce (request: FastifyRequest): Promise<boolean> {
    const { producer, routeOptions: { config: { isOperator = false } } } = request
    const outcome = await authenticator.authenticate(request, portOf(request), isOperator, true)
    switch (outcome) {
      case 'missing':
      case 'wrong':
      case 'expired':
        return false
      // Redis or the identity provider may be away, so only an end that is known ends anything.
      case 'unknowable':
      case 'unverifiable':
      case 'too-many-verifications':
        return true
      default:
        return 'id' in outcome && covers(outcome, producer)
    }
  }

  fastify.decorate('keyStreams', streams)
  fastify.decorate('isInForce', isInForce)
  fastify.decorate('holdStream', (request, answer) => {
    const { id, isKey } = request.producer
    if (isKey && !streams.take(id)) return false
    const unwatch = ends.watch(() => isInForce(request), () => answer.end())
    whenOver(request.raw, answer, () => {
      unwatch()
      if (isKey) streams.give(id)
    })
    return true
  })
}, { name: 'lasting-requests', dependencies: ['config', 'ports', 'producers'] })

/* The upper limit: a Fastify route with the same schemas that stores nothing. */
import Fastify from 'fastify'
import { announce } from '../peer/announce.ts'
import { acceptedEvent, batchRoute, eventRoute, type BatchBody, type EventBody } from '../peer/contract.ts'

const fastify = Fastify({ logger: false })
let count = 0

fastify.post<{ Body: EventBody }>('/api/v1/events', eventRoute, async ({ body }, reply) => {
  reply.code(202)
  return acceptedEvent(String(++count), body)
})

fastify.post<{ Body: BatchBody }>('/api/v1/events/batch', batchRoute, async ({ body }, reply) => {
  reply.code(202)
  return {
    accepted: body.length,
    results: body.map((_, index) => ({ index, status: 'accepted', id: String(++count) }))
  }
})

announce(await fastify.listen({ port: 0, host: '127.0.0.1' }))

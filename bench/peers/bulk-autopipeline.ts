/* Fastify and BullMQ as documented: addBulk for arrays, and auto-pipelining for concurrent requests. */
import Fastify from 'fastify'
import { announce } from '../peer/announce.ts'
import { acceptedEvent, batchRoute, eventRoute, priorityOf, type BatchBody, type EventBody } from '../peer/contract.ts'
import { makeQueue } from '../peer/queue.ts'

const fastify = Fastify({ logger: false })
const queue = makeQueue({ enableAutoPipelining: true })

fastify.post<{ Body: EventBody }>('/api/v1/events', eventRoute, async ({ body }, reply) => {
  const job = await queue.add(body.type, body, { priority: priorityOf(body) })
  reply.code(202)
  return acceptedEvent(String(job.id), body)
})

fastify.post<{ Body: BatchBody }>('/api/v1/events/batch', batchRoute, async ({ body }, reply) => {
  const jobs = await queue
    .addBulk(body.map((event) => ({ name: event.type, data: event, opts: { priority: priorityOf(event) } })))
  reply.code(202)
  return {
    accepted: jobs.length,
    results: jobs.map(({ id }, index) => ({ index, status: 'accepted', id: String(id) }))
  }
})

await queue.waitUntilReady()
announce(await fastify.listen({ port: 0, host: '127.0.0.1' }))

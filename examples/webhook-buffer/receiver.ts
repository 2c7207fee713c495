import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { json } from 'node:stream/consumers'
import { SpillwayClient, type SendResult, type SpillwayClientOptions } from '../../clients/typescript/client.ts'

/**
 * Takes webhooks as fast as they come and answers once Spillway has stored them. A sender that repeats a webhook
 * repeats its `webhook-id`, and that is the id of the event: the consumer sees it once.
 *
 * @param port 0 picks a free one
 */
export async function startReceiver (options: SpillwayClientOptions, port: number): Promise<Server> {
  // Senders of webhooks wait some seconds for an answer, and then send again automatically.
  const client = new SpillwayClient({ patienceMs: 5_000, ...options })
  const server = createServer(async (request, reply) => {
    const payload = await json(request).catch(() => undefined)
    const id = request.headers['webhook-id']
    if (payload === undefined || typeof id !== 'string') {
      reply.writeHead(400).end()
      return
    }
    const result = await client.send({ type: 'webhook', id, payload })
    reply.writeHead(
      statusOf(result),
      'retryAfterSeconds' in result ? { 'retry-after': String(result.retryAfterSeconds) } : {}
    ).end()
  })
  server.once('close', () => {
    void client.close()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function statusOf ({ status }: SendResult): number {
  if (status === 'accepted' || status === 'duplicate') return 202
  return status === 'invalid' ? 400 : 503
}

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'

/** An event as Spillway delivers it: a CloudEvent. */
export interface Delivered {
  readonly id: string
  readonly type: string
  readonly data: unknown
}

/**
 * The slow side: it works on one event at a time, for as long as that takes, and answers when a delivery is done.
 * Spillway keeps the rest until then.
 *
 * @param secret DELIVERY_SECRET of the service
 * @param work on one event; it may see one again, by the same id, when an answer got lost
 * @param port 0 picks a free one
 */
export async function startConsumer (
  secret: string,
  work: (event: Delivered) => Promise<void>,
  port: number
): Promise<Server> {
  const webhook = new Webhook(secret)
  let isBusy = false
  const server = createServer(async (request, reply) => {
    const body = await text(request)
    if (!isGenuine(webhook, body, request.headers)) {
      reply.writeHead(401).end()
      return
    }
    if (isBusy) {
      reply.writeHead(429, { 'retry-after': '1' }).end()
      return
    }
    isBusy = true
    try {
      for (const event of JSON.parse(body) as Delivered[]) await work(event)
      reply.writeHead(204).end()
    } catch {
      // Spillway tries again, as often as EVENT_ATTEMPTS says.
      reply.writeHead(500).end()
    } finally {
      isBusy = false
    }
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Anybody who reaches the port could deliver anything: only calls that are signed with the secret are accepted. */
function isGenuine (webhook: Webhook, body: string, headers: IncomingHttpHeaders): boolean {
  try {
    webhook.verify(body, headers as Record<string, string>)
    return true
  } catch {
    return false
  }
}

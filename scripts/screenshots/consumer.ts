import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'

export interface Consumer {
  url: string
  /** How long it takes for a batch. */
  delayMs: number
  close: () => void
}

/** A consumer of deliveries whose pace can be set, and which refuses some events for good. */
export async function startConsumer (isRefused: (type: string, sequence: number) => boolean): Promise<Consumer> {
  let sequence = 0
  const consumer: Consumer = { url: '', delayMs: 0, close: () => { server.closeAllConnections() } }
  const server = createServer(async (request, response) => {
    const events = await json(request) as { id: string, type: string }[]
    const results = events.map(({ id, type }) => ({ id, status: isRefused(type, sequence++) ? 'dead' : 'done' }))
    await wait(consumer.delayMs)
    response.writeHead(207, { 'content-type': 'application/json' }).end(JSON.stringify({ results }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  consumer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  consumer.close = () => {
    server.close()
    server.closeAllConnections()
  }
  return consumer
}

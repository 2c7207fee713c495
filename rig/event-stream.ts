import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Owner } from './owner.ts'

/** A server-sent event, with its data parsed. */
export interface StreamedEvent {
  id: string | undefined
  event: string
  data: any
  /** The unparsed text. */
  text: string
}

/** A stream of server-sent events over a real socket. */
export interface EventStream {
  response: IncomingMessage
  events: StreamedEvent[]
  /** Resolves when the stream has ended properly; rejects if it was cut off. */
  ended: Promise<unknown>
}

/** Follows a stream of an app until the test ends. */
export async function openStream (
  owner: Owner,
  app: FastifyInstance,
  path: string,
  headers: Record<string, string> = {}
): Promise<EventStream> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const call = get({
    host: '127.0.0.1',
    port,
    path,
    agent: false,
    headers: { accept: 'text/event-stream', ...headers }
  })
  call.on('error', () => {})
  owner.teardown(async () => { call.destroy() })
  const [response] = await once(call, 'response') as [IncomingMessage]
  const ended = once(response, 'end')
  ended.catch(() => {})
  const events: StreamedEvent[] = []
  let unread = ''
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const texts = `${unread}${chunk}`.split('\n\n')
    unread = texts.pop() as string
    events.push(...texts.map(parseEvent))
  })
  return { response, events, ended }
}

function parseEvent (text: string): StreamedEvent {
  const field = (name: string) => text.split('\n').find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
  return { id: field('id'), event: field('event') ?? 'message', data: JSON.parse(field('data') ?? 'null'), text }
}

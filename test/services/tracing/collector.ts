import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { Test } from 'tap'

/** A span as OTLP has it in JSON, as far as tests look at it. */
export interface CollectedSpan {
  name: string
  kind: number
  traceId: string
  spanId: string
  parentSpanId?: string
  links?: { traceId: string, spanId: string }[]
  service: string
}

interface Attribute { key: string, value: { stringValue?: string } }
interface Body { resourceSpans: { resource: { attributes: Attribute[] }, scopeSpans: { spans: CollectedSpan[] }[] }[] }

/**
 * A collector of spans on a free port that answers with this status, and with all that it was sent; gone when the test
 * ends.
 */
export async function startCollector (t: Test, status = 200) {
  const spans: CollectedSpan[] = []
  const calls: { url: string | undefined, headers: IncomingHttpHeaders }[] = []
  const server = createServer(async (request, reply) => {
    calls.push({ url: request.url, headers: request.headers })
    for (const { resource, scopeSpans } of (await json(request) as Body).resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
      spans.push(...scopeSpans.flatMap((scope) => scope.spans).map((span) => ({ ...span, service })))
    }
    reply.writeHead(status, { 'content-type': 'application/json' })
      .end(status === 200 ? '{}' : JSON.stringify(request.headers))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, calls }
}

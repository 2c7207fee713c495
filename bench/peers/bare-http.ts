/*
 * The cheapest refusal that Node.js can give: bare node:http with the prepared status, headers and body of a shed of
 * Spillway, without reading the request body.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { announce } from '../peer/announce.ts'

const RETRY_SECONDS = 60

const body = JSON.stringify({
  type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
  title: 'Service Unavailable',
  status: 503,
  detail:
    `The circuit is open and admits only critical events; the event is not stored. Try again in ${RETRY_SECONDS} s.`,
  reason: 'circuit-open',
  circuitState: 'OPEN',
  queueDepth: 10,
  priority: 5,
  retryAfterSeconds: RETRY_SECONDS
})
const headers = {
  'content-type': 'application/problem+json; charset=utf-8',
  'content-length': Buffer.byteLength(body),
  'retry-after': String(RETRY_SECONDS)
}

const server = createServer((request, response) => {
  request.resume()
  response.writeHead(503, headers).end(body)
})
server.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))

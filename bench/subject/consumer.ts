/*
 * The program that Spillway delivers to: it handles one event at a time at a fixed pace, like a consumer with a
 * bottleneck, and reports the events that it received.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { announce } from '../peer/announce.ts'

/** With 0 it handles all events at once. */
const capacityPerSecond = Number(process.env.CAPACITY_PER_SECOND ?? 0)
const perEventMs = capacityPerSecond === 0 ? 0 : 1_000 / capacityPerSecond
let events = 0
let busyUntil = 0

const server = createServer((call, reply) => {
  if (call.method === 'GET') reply.end(JSON.stringify({ events }))
  else void text(call).then((body) => work((JSON.parse(body) as unknown[]).length, reply))
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))

/** Answers when all events of a call are handled, after those of earlier calls. */
function work (count: number, reply: ServerResponse): void {
  const now = performance.now()
  busyUntil = Math.max(now, busyUntil) + count * perEventMs
  const done = () => {
    events += count
    reply.end()
  }
  if (perEventMs === 0) done()
  else setTimeout(done, busyUntil - now)
}

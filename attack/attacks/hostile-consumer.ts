import { createServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { eventually } from '../../rig/eventually.ts'
import type { Call } from '../../rig/consumer.ts'
import type { Attack } from '../attack.ts'

type Answer = (call: Call, reply: ServerResponse, internal: string) => void

const DEADLINE_MS = 120_000
const ESCAPES = '\u001b]0;owned\u0007\u202e<script>alert(1)</script>\r\n{"level":60}'
const results = (call: Call, entry: (id: string) => object): string =>
  JSON.stringify({ results: (JSON.parse(call.body) as { id: string }[]).map(({ id }) => entry(id)) })

/** Answers of a consumer that wants to hurt, by the type of the event that gets them. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  'redirect-302': (_call, reply, internal) => { reply.writeHead(302, { location: internal }).end() },
  'redirect-307': (_call, reply, internal) => { reply.writeHead(307, { location: internal }).end() },
  'redirect-308': (_call, reply, internal) => { reply.writeHead(308, { location: internal }).end() },
  'redirect-file': (_call, reply) => { reply.writeHead(301, { location: 'file:///etc/passwd' }).end() },
  refresh: (_call, reply, internal) => { reply.writeHead(300, { location: internal, refresh: `0; url=${internal}` }).end() },
  'other-ids': (_call, reply) => {
    reply.writeHead(207, { 'content-type': 'application/json' })
      .end(JSON.stringify({ results: [{ id: 'not-mine', status: 'done' }, { id: '__proto__', status: 'dead' }, null, 5] }))
  },
  'wrong-status': (call, reply) => { reply.writeHead(207).end(results(call, (id) => ({ id, status: ['done'] }))) },
  'reason-with-escapes': (call, reply) => {
    reply.writeHead(207).end(results(call, (id) => ({ id, status: 'dead', reason: ESCAPES.repeat(2_000) })))
  },
  'both-fates': (call, reply) => {
    reply.writeHead(207).end(results(call, (id) => ({ id, status: 'done' })).replace(']}', `,${JSON.stringify({
      id: (JSON.parse(call.body) as { id: string }[])[0]?.id, status: 'dead'
    })}]}`))
  },
  deep: (_call, reply) => { reply.writeHead(207).end(`{"results":${'['.repeat(500_000)}`) },
  large: (_call, reply) => { reply.writeHead(400).end('x'.repeat(30_000_000)) },
  endless: (_call, reply) => {
    reply.writeHead(207)
    const more = setInterval(() => { reply.write('x'.repeat(100_000)) }, 5)
    reply.on('close', () => { clearInterval(more) }).on('error', () => {})
  },
  silent: () => {},
  bomb: (_call, reply) => {
    reply.writeHead(207, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(64 * 1_048_576, ' ')))
  },
  'long-wait': (_call, reply) => { reply.writeHead(429, { 'retry-after': '99999999999999999999' }).end() },
  'negative-wait': (_call, reply) => { reply.writeHead(503, { 'retry-after': '-5' }).end() },
  'wait-by-date': (_call, reply) => { reply.writeHead(503, { 'retry-after': 'Sat, 99 Foo 9999 99:99:99' }).end() },
  'not-http': (_call, reply) => { reply.socket?.end('SSH-2.0-hostile\r\n\r\n') },
  'long-head': (_call, reply) => { reply.socket?.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(50_000)}`) },
  early: (_call, reply) => { reply.socket?.write('HTTP/1.1 100 Continue\r\n\r\n'.repeat(5_000)); reply.end() },
  'split-answer': (_call, reply) => { reply.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nhello') },
  switched: (_call, reply) => { reply.socket?.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n') }
}

export default {
  description: 'a consumer that redirects inwards, never ends, lies about events, or answers with bombs and escapes',
  env: { DELIVERY_TIMEOUT_MS: '1000', EVENT_ATTEMPTS: '1', RETRY_BACKOFF_MS: '1', LOG_LEVEL: 'debug' },
  run: async ({ target, owner, report, amount }) => {
    let reached = 0
    const internal = createServer((_request, reply) => { reached++; reply.end() }).listen(0, '127.0.0.1')
    await once(internal, 'listening')
    owner.teardown(() => { internal.closeAllConnections(); internal.close() })
    const internalUrl = `http://127.0.0.1:${(internal.address() as AddressInfo).port}/latest/meta-data`
    const called = new Set<string>()
    target.consumer.answer = (call, reply) => {
      reply.on('error', () => {})
      const events = JSON.parse(call.body) as { type: string }[]
      const type = events.find((event) => ANSWERS[event.type] !== undefined)?.type
      if (type === undefined) {
        reply.end()
        return
      }
      called.add(type)
      ANSWERS[type]?.(call, reply, internalUrl)
    }
    const types = Object.keys(ANSWERS)
    const post = async (type: string, payload: number) => {
      const answer = await fetch(`${target.url}/api/v1/events`, {
        method: 'POST', headers: { 'content-type': 'application/json', 'x-event-priority': '1' },
        body: JSON.stringify({ type, payload })
      })
      if (answer.status !== 202) report('breach', `${answer.status} while the consumer is hostile`)
      await answer.arrayBuffer()
    }
    const rounds = amount(1, 10)
    for (let round = 0; round < rounds; round++) for (const type of types) await post(type, round)
    const isSettled = async () => {
      const summary = await fetch(`${target.url}/api/v1/metrics/queue/summary`)
      if ((await summary.json() as { queueDepth: number }).queueDepth > 0) return false
      // Events of two kinds in one call got a single answer, so the other kind is posted again.
      const missing = types.filter((type) => !called.has(type))
      for (const type of missing) await post(type, rounds)
      return missing.length === 0
    }
    await eventually('every event has its fate', isSettled, DEADLINE_MS).catch(() => {
      report('silence', `the consumer was called for ${called.size} of ${types.length} kinds, or an event has no fate`)
    })
    if (reached > 0) report('breach', `${reached} redirects were followed`)
    const headers = { authorization: target.operator }
    const letters = await (await fetch(`${target.url}/api/v1/dead-letters`, { headers })).text()
    if (target.secrets.some((secret) => letters.includes(secret))) report('secret', 'a dead letter holds a secret')
    return called.size
  }
} satisfies Attack

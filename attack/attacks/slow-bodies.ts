import { setTimeout as wait } from 'node:timers/promises'
import type { Attack } from '../attack.ts'
import { openSocket } from '../send-raw.ts'

const DRIP_MS = 500
const BODY_TIMEOUT_MS = 5_000
/** The time for a body, 30 s in which the service reads on after its answer, and a margin. */
const CLOSED_AFTER_MS = BODY_TIMEOUT_MS + 40_000
const PATHS = [
  ['/api/v1/events', 'application/json', 'Content-Length: 900000'],
  ['/api/v1/events/batch', 'application/json', 'Transfer-Encoding: chunked'],
  ['/api/v1/events/batch', 'application/x-ndjson', 'Transfer-Encoding: chunked'],
  ['/api/v1/datastreams', 'application/json', 'Content-Length: 900000'],
  ['/api/v1/settings', 'application/json', 'Content-Length: 4000'],
  ['/nothing', 'application/json', 'Content-Length: 900000']
] as const

export default {
  description: 'bodies and streams that never end, a byte at a time',
  // The default is 120 s.
  env: { BODY_TIMEOUT_MS: String(BODY_TIMEOUT_MS) },
  // A turn may accept all the connections.
  mostTurnMs: 250,
  run: async ({ target, owner, amount, report }) => {
    const sockets = Array.from({ length: amount(300, 2_000) }, () => openSocket(target.port).resume())
    owner.teardown(() => { for (const socket of sockets) socket.destroy() })
    for (const [index, socket] of sockets.entries()) {
      const [path, type, length] = PATHS[index % PATHS.length] as typeof PATHS[number]
      socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${length}\r\n\r\n`)
    }
    const until = performance.now() + amount(2_000, CLOSED_AFTER_MS)
    while (performance.now() < until) {
      for (const [index, socket] of sockets.entries()) {
        if (socket.writable) socket.write(PATHS[index % PATHS.length]?.[2].startsWith('Content') ? ' ' : '1\r\n \r\n')
      }
      await wait(DRIP_MS)
    }
    // A stream may last; a body may not.
    const open = sockets.filter(({ destroyed, readableEnded }, index) =>
      !destroyed && !readableEnded && PATHS[index % PATHS.length]?.[1] !== 'application/x-ndjson'
    ).length
    if (amount(0, 1) === 1 && open > 0) report('silence', `${open} bodies are open after ${CLOSED_AFTER_MS} ms`)
    return sockets.length
  }
} satisfies Attack

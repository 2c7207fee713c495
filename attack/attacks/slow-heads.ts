import { setTimeout as wait } from 'node:timers/promises'
import type { Attack } from '../attack.ts'
import { openSocket } from '../send-raw.ts'

const DRIP_MS = 500
const HEAD = 'GET /api/v1/health/liveness HTTP/1.1\r\nHost: localhost\r\nX-Slow: '
/** Within this time the service has closed a connection whose head does not end: 10 s, checked every second. */
const CLOSED_AFTER_MS = 20_000

export default {
  description: 'heads that never end, a byte at a time',
  // A turn may accept all the connections.
  mostTurnMs: 250,
  run: async ({ target, owner, amount, report }) => {
    const sockets = Array.from({ length: amount(300, 2_000) }, () => openSocket(target.port).resume())
    owner.teardown(() => { for (const socket of sockets) socket.destroy() })
    for (const socket of sockets) socket.write(HEAD)
    const until = performance.now() + amount(2_000, CLOSED_AFTER_MS)
    while (performance.now() < until) {
      for (const socket of sockets) if (socket.writable) socket.write('x')
      await wait(DRIP_MS)
    }
    const open = sockets.filter(({ destroyed, readableEnded }) => !destroyed && !readableEnded).length
    if (amount(0, 1) === 1 && open > 0) report('silence', `${open} connections are open after ${CLOSED_AFTER_MS} ms`)
    return sockets.length
  }
} satisfies Attack

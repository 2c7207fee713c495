import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Attack } from '../attack.ts'
import { judgeAnswer } from '../judge.ts'
import type { KeyRing } from '../key-ring.ts'
import { inRows, openSocket, sendRaw } from '../send-raw.ts'

const POST = 'POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
const DRIP_MS = 500
const BOMB_ROWS = 8
const BOMB = gzipSync(Buffer.alloc(16 * 1_048_576, ' '))
const LEAST_REFUSAL = 400

export default {
  description: 'slow heads, slow bodies and compressed bombs at once, with and without a key',
  hasKeys: true,
  env: { BODY_TIMEOUT_MS: '5000', KEY_MAX_REQUESTS: '100' },
  // A turn may accept all the connections.
  mostTurnMs: 250,
  leastAccepted: 1,
  run: async ({ target, owner, amount, report, note }) => {
    const { attacker: { key } } = target.keys as KeyRing
    const ownKey = `X-API-Key: ${key}\r\n`
    const heads = [
      'GET /api/v1/health/liveness HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', `${POST}${ownKey}X-Slow: `,
      `${POST}Content-Length: 900000\r\n\r\n`, `${POST}${ownKey}Content-Length: 900000\r\n\r\n`
    ]
    const sockets = Array.from({ length: amount(300, 2_000) }, () => openSocket(target.port).resume())
    owner.teardown(() => { for (const socket of sockets) socket.destroy() })
    for (const [index, socket] of sockets.entries()) socket.write(heads[index % heads.length] as string)
    const until = performance.now() + amount(4_000, 30_000)
    const dripping = (async () => {
      while (performance.now() < until) {
        // One that was closed comes back, as real ones do.
        for (const [index, socket] of sockets.entries()) {
          if (socket.writable) socket.write(' ')
          else {
            sockets[index] = openSocket(target.port).resume()
            sockets[index].write(heads[index % heads.length] as string)
          }
        }
        await wait(DRIP_MS)
      }
    })()
    let bombs = 0
    const [own, nobodys] = [bombOf(ownKey), bombOf('')]
    await inRows(BOMB_ROWS, Array.from({ length: BOMB_ROWS }), async () => {
      while (performance.now() < until) {
        const { answers: [answer] } = await sendRaw(target.port, bombs++ % 4 === 0 ? nobodys : own)
        if (answer === undefined) continue
        if (answer.status < LEAST_REFUSAL) report('breach', `${answer.status} to a bomb`)
        for (const { check, what } of judgeAnswer(answer, target.secrets, 'a bomb')) report(check, what)
      }
    })
    await dripping
    const [slow, sent] = [sockets.length, bombs].map((count) => count.toLocaleString('en'))
    note(`${slow} connections were slow at once, beside ${sent} bombs`)
    return sockets.length + bombs
  }
} satisfies Attack

function bombOf (fields: string): Buffer {
  const head = `${POST}Connection: close\r\n${fields}Content-Encoding: gzip\r\nContent-Length: ${BOMB.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head.replace('/events', '/events/batch')), BOMB])
}

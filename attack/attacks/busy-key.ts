import { eventually } from '../../rig/eventually.ts'
import type { Attack } from '../attack.ts'
import { ask } from '../ask.ts'
import type { KeyRing } from '../key-ring.ts'
import { openSocket } from '../send-raw.ts'

const MOST_REQUESTS = 50
const MOST_STREAMS = 10
const DEADLINE_MS = 60_000

export default {
  description: 'a key that keeps all its requests and streams open, and hangs up: other keys do not notice',
  hasKeys: true,
  env: { KEY_MAX_REQUESTS: String(MOST_REQUESTS), KEY_MAX_STREAMS: String(MOST_STREAMS) },
  leastAccepted: 1,
  run: async (scene) => {
    const { target, owner, report, amount } = scene
    const { attacker, sender, victim } = target.keys as KeyRing
    const statusOf = async (key: string) =>
      (await ask(scene, { method: 'POST', path: '/api/v1/events', as: key, body: { type: 'busy', payload: 1 } })).status
    const open = (path: string, type: string) => {
      const socket = openSocket(target.port).resume()
      socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${attacker.key}\r\n` +
        `Content-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n \r\n`)
      return socket
    }
    let requests = 0
    const rounds = amount(2, 40)
    for (let round = 0; round < rounds; round++) {
      const sockets = Array.from({ length: 3 * MOST_REQUESTS }, (_, index) =>
        index % 3 === 0
          ? open('/api/v1/events/batch', 'application/x-ndjson')
          : open('/api/v1/events', 'application/json')
      )
      owner.teardown(() => { for (const socket of sockets) socket.destroy() })
      requests += sockets.length
      await eventually('the key is busy', async () => await statusOf(attacker.key) === 429, DEADLINE_MS)
      for (const [name, { key }] of Object.entries({ sender, victim })) {
        const status = await statusOf(key)
        if (status !== 202) report('breach', `${status} to ${name} while another key is busy`)
      }
      for (const socket of sockets) socket.destroy()
      await eventually('the key has its slots again', async () => await statusOf(attacker.key) === 202, DEADLINE_MS)
        .catch(() => report('breach', 'a key does not get back the slots of connections that hung up'))
    }
    // As many as it may have at once are free, not one alone.
    const statuses = await Promise.all(Array.from({ length: MOST_REQUESTS - 1 }, () => statusOf(attacker.key)))
    if (statuses.some((status) => status !== 202))
      report('breach', `some slots are lost: ${[...new Set(statuses)].join()}`)
    return requests
  }
} satisfies Attack

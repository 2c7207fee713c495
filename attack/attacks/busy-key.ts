import { once } from 'node:events'
import { eventually } from '../../rig/eventually.ts'
import type { Attack } from '../attack.ts'
import { ask } from '../ask.ts'
import type { KeyRing } from '../key-ring.ts'
import { openSocket } from '../send-raw.ts'

const MOST_REQUESTS = 50
const MOST_STREAMS = 10
const FIRST_CHUNK = '1\r\n \r\n'
const INVITATION = 'HTTP/1.1 100 '
const DEADLINE_MS = 30_000

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
    const open = (path: string, type: string, end = `\r\n${FIRST_CHUNK}`) => {
      const socket = openSocket(target.port).resume()
      socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${attacker.key}\r\n` +
        `Content-Type: ${type}\r\nTransfer-Encoding: chunked\r\n${end}`)
      return socket
    }
    const openStream = () => open('/api/v1/events/batch', 'application/x-ndjson')
    const openPost = () => open('/api/v1/events', 'application/json')
    let requests = 0
    const rounds = amount(2, 40)
    for (let round = 0; round < rounds; round++) {
      const sockets = Array.from({ length: 3 * MOST_REQUESTS }, (_, index) =>
        index % 3 === 0 ? openStream() : openPost())
      owner.teardown(() => { for (const socket of sockets) socket.destroy() })
      await eventually('the key is busy', async () => {
        if (await statusOf(attacker.key) === 429) return true
        // A stream too many gave its slot back after it had kept a post out.
        sockets.push(openPost())
        return false
      }, DEADLINE_MS)
      requests += sockets.length
      for (const [name, { key }] of Object.entries({ sender, victim })) {
        const status = await statusOf(key)
        if (status !== 202) report('breach', `${status} to ${name} while another key is busy`)
      }
      for (const socket of sockets) socket.destroy()
      await eventually('the key has its slots again', async () => await statusOf(attacker.key) === 202, DEADLINE_MS)
        .catch(() => report('breach', 'a key does not get back the slots of connections that hung up'))
    }
    await eventually('all slots are free', areAllFree, DEADLINE_MS)
      .catch(() => report('breach', 'a key has fewer slots than before'))
    return requests

    /** Tells whether as many requests as the key may have get a slot at once, not one after the other. */
    async function areAllFree (): Promise<boolean> {
      const sockets = Array.from({ length: MOST_REQUESTS }, () =>
        open('/api/v1/events', 'application/json', 'Expect: 100-continue\r\n\r\n'))
      // The service invites the body of a request that has a slot, and refuses any other.
      const answers = await Promise.all(sockets.map((socket) =>
        Promise.race([once(socket, 'data'), once(socket, 'close')]) as Promise<unknown[]>))
      for (const socket of sockets) socket.destroy()
      return answers.every(([answer]) => String(answer).startsWith(INVITATION))
    }
  }
} satisfies Attack

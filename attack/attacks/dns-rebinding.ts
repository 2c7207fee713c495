import { once } from 'node:events'
import { createServer } from 'node:net'
import { eventually } from '../../rig/eventually.ts'
import type { Attack } from '../attack.ts'
import { ask } from '../ask.ts'
import type { NameServer } from '../name-server.ts'

const ALLOWED = '127.77.0.1'
/** Addresses of this machine outside OUTBOUND_NETWORKS, where somebody listens for the connection. */
const LISTENED = ['127.0.0.1', '127.0.0.2', '::1']
const DEADLINE_MS = 60_000
/** Tries of the service after which a name that does not let it through has been tested. */
const TRIES = 2

/** The addresses of the name, list after list; the last one stays. */
const SCRIPTS: readonly (readonly [name: string, ...lists: readonly (readonly string[])[]])[] = [
  ['loopback after a look', [ALLOWED], ['127.0.0.1']],
  ['loopback', ['127.0.0.1']],
  ['loopback of IPv6', ['::1']],
  ['loopback as IPv4-mapped IPv6', ['::ffff:127.0.0.1']],
  ['loopback for one question in two', ['127.0.0.2'], [ALLOWED], ['127.0.0.2'], ['::1'], ['127.0.0.2']],
  ['this host', ['0.0.0.0']], ['this host of IPv6', ['::']],
  ['link-local', ['169.254.169.254']], ['link-local of IPv6', ['fe80::1']],
  ['link-local as IPv4-mapped IPv6', ['::ffff:169.254.169.254']], ['credentials of a cloud over IPv6', ['fd00:ec2::254']],
  ['private networks', ['10.0.0.1', '192.168.0.1', '172.16.0.1', '100.64.0.1', 'fc00::1']],
  ['translated addresses', ['64:ff9b::7f00:1', '2002:7f00:1::1', '::127.0.0.1']],
  ['broadcast and multicast', ['255.255.255.255', '224.0.0.1', 'ff02::1']],
  ['many addresses', Array.from({ length: 20 }, (_, index) => `127.0.1.${index + 1}`)],
  ['none', []]
]
/** Lists in which the allowed address stands beside others: the event arrives there. */
const MIXED = [['127.0.0.1', ALLOWED], [ALLOWED, '::1', '127.0.0.2'], ['::ffff:127.0.0.1', '0.0.0.0', ALLOWED]]

export default {
  description: 'a consumer whose name resolves to loopback, link-local and private addresses after a while (DNS rebinding)',
  hasNameServer: true,
  env: { DELIVERY_TIMEOUT_MS: '2000', EVENT_ATTEMPTS: '50', RETRY_BACKOFF_MS: '50', DELIVERY_MAX_DEFERRALS: '1000' },
  run: async (scene) => {
    const { target, owner, report, note, amount } = scene
    const names = target.names as NameServer
    const port = Number(new URL(target.consumer.url).port)
    const reached = new Map<string, number>()
    for (const host of LISTENED) {
      const server = createServer((socket) => {
        reached.set(host, (reached.get(host) ?? 0) + 1)
        socket.destroy()
      }).on('error', (error) => note(`nobody listens at ${host}: ${error.message}`))
      server.listen(port, host)
      owner.teardown(() => server.close())
      await Promise.race([once(server, 'listening'), once(server, 'close')])
    }
    const arrived = new Set<string>()
    target.consumer.answer = (call, reply) => {
      for (const [, mark = ''] of call.body.matchAll(/"(rebound-\d+)"/g)) arrived.add(mark)
      // The next call asks for the name again.
      reply.writeHead(200, { connection: 'close' }).end()
    }
    let requests = 0
    const post = async () => {
      const mark = `rebound-${requests++}`
      const { status } = await ask(scene, {
        method: 'POST', path: '/api/v1/events', headers: { 'x-event-priority': '1' }, body: { type: 'rebound', payload: mark }
      })
      if (status !== 202) report('breach', `${status} while the name of the consumer lies`)
      return mark
    }
    const arrives = async (mark: string, name: string) => {
      await eventually(`an event arrives: ${name}`, () => arrived.has(mark), DEADLINE_MS)
    }
    await arrives(await post(), 'before anything')
    const rounds = amount(1, 3)
    for (let round = 0; round < rounds; round++) {
      for (const isAlias of [false, true].slice(0, amount(1, 2))) {
        names.isAlias = isAlias
        for (const [name, ...lists] of amount(0, 1) === 1 ? SCRIPTS : SCRIPTS.slice(0, 6)) {
          names.answers = lists
          const before = names.questions
          const mark = await post()
          // Each look asks for both kinds of addresses.
          await eventually(`the service looks for the name: ${name}`, () => names.questions >= before + 2 * TRIES, DEADLINE_MS)
          for (const [host, count] of reached) report('breach', `${name}${isAlias ? ', by an alias' : ''}: ${count} connections to ${host}`)
          reached.clear()
          names.answers = [[ALLOWED]]
          await arrives(mark, name)
        }
        for (const list of MIXED) {
          names.answers = [list]
          await arrives(await post(), list.join())
          for (const [host, count] of reached) report('breach', `${list.join()}: ${count} connections to ${host}`)
          reached.clear()
        }
      }
    }
    note(`${names.questions} questions to the name server`)
    return requests
  }
} satisfies Attack

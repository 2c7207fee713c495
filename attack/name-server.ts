import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { decode, encode, type Answer } from 'dns-packet'
import type { Owner } from '../rig/owner.ts'

/** The name that the server answers for, and what it may be an alias of. */
export const NAME = 'consumer.rebinding.example'
const ALIAS = 'alias.rebinding.example'

/** A name server that its owner makes lie. */
export interface NameServer {
  readonly port: number
  /** The questions so far. */
  readonly questions: number
  /** The addresses of the name: one of these lists for each pair of questions in turn, the last one for all further. */
  answers: readonly (readonly string[])[]
  /** Answers with an alias, whose addresses stand beside it. */
  isAlias: boolean
}

/** Starts a name server on loopback, whose answers may not be kept (TTL 0). */
export async function startNameServer (owner: Owner): Promise<NameServer> {
  const socket = createSocket('udp4')
  const asked = { A: 0, AAAA: 0 }
  const server = { port: 0, questions: 0, answers: [[]] as readonly (readonly string[])[], isAlias: false }
  socket.on('message', (message, { port, address }) => {
    const { id = 0, questions = [] } = decode(message)
    const [question] = questions
    const type = question?.type
    if (question === undefined || (type !== 'A' && type !== 'AAAA')) return
    server.questions++
    // One list after the other, for both types alike.
    const addresses = server.answers[Math.min(asked[type]++, server.answers.length - 1)] ?? []
    const name = server.isAlias ? ALIAS : question.name
    const found = addresses.filter((one) => isIPv6(one) === (type === 'AAAA'))
    const answers: Answer[] = [
      ...server.isAlias ? [{ type: 'CNAME' as const, name: question.name, ttl: 0, data: ALIAS }] : [],
      ...found.map((data) => ({ type, name, ttl: 0, data }))
    ]
    socket.send(encode({ type: 'response', id, flags: 0x0180, questions, answers }), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  owner.teardown(() => socket.close())
  server.port = socket.address().port
  return {
    port: server.port,
    get questions () { return server.questions },
    get answers () { return server.answers },
    set answers (lists) {
      Object.assign(asked, { A: 0, AAAA: 0 })
      server.answers = lists
    },
    get isAlias () { return server.isAlias },
    set isAlias (isAlias) { server.isAlias = isAlias }
  }
}

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { lingeringAnswer } from '../../../services/connections/lingering-answer.ts'
import { eventually } from '../../../rig/eventually.ts'
import { rawConnection } from '../../../rig/raw-connection.ts'

const ANSWER = 'no'

/** An answer that is owed, and behind it one to a body that does not end. */
async function twoAnswers (t: Parameters<typeof rawConnection>[0]) {
  const responses: ServerResponse[] = []
  const server = createServer((_request, response) => { responses.push(response) })
  t.teardown(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const connection = await rawConnection(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  connection.socket
    .write('GET / HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nsome')
  await eventually('both have come', () => responses.length === 2)
  const [first, second] = responses as [ServerResponse, ServerResponse]
  const lingering = lingeringAnswer(ANSWER, second, new AbortController().signal)
  pipeline(lingering, second.writeHead(404, { 'content-length': ANSWER.length }), () => {})
  for (let turn = 0; turn < 20; turn++) await nextTurn()
  return { first, request: second.req, lingering, connection }
}

t.test('a body is not waited for before the answers ahead of its own are given', async (t) => {
  const { first, request, connection } = await twoAnswers(t)
  t.not(request.readableFlowing, true)
  first.end('stored')
  await eventually('the rest is read', () => request.readableFlowing === true)
  connection.socket.write('rest')
  await eventually('both are answered', () => connection.statuses().length === 2)
  t.strictSame(connection.statuses(), [200, 404])
  await eventually('the body has ended', () => request.complete)
})

t.test('nothing is waited for when the connection has ended', async (t) => {
  const { lingering, connection } = await twoAnswers(t)
  connection.socket.destroy()
  await eventually('it has ended', () => lingering.closed)
  t.equal(lingering.closed, true)
})

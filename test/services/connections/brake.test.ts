import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { Brake } from '../../../services/connections/brake.ts'
import { Connection } from '../../../services/connections/connection.ts'
import { eventually } from '../../../rig/eventually.ts'

function connectionOf (bytesRead: number, onResumed: () => void): Connection {
  const socket = Object.defineProperty(new Socket(), 'bytesRead', { value: bytesRead })
  socket.on('resume', onResumed)
  return new Connection(socket)
}

t.test('a connection of which nothing was read goes on before those whose head does not end', async (t) => {
  const order: string[] = []
  const slow = Array.from({ length: 100 }, () => connectionOf(10, () => order.push('slow')))
  const fresh = Array.from({ length: 10 }, () => connectionOf(0, () => order.push('fresh')))
  const brake = new Brake(() => [...slow, ...fresh])
  brake.apply()
  t.ok([...slow, ...fresh].every(({ socket }) => socket.isPaused()), 'none is read')
  await eventually('all go on', () => order.length === 110)
  t.strictSame(order.slice(0, 10), Array.from({ length: 10 }, () => 'fresh'))
})

t.test('those that send one request at a time go on at once, the others a few in each turn', async (t) => {
  const steady = Array.from({ length: 50 }, () => connectionOf(10, () => {}))
  for (const connection of steady) connection.latest = new IncomingMessage(connection.socket)
  const others = Array.from({ length: 100 }, () => connectionOf(10, () => {}))
  const goingOn = (connections: Connection[]) => connections.filter(({ socket }) => !socket.isPaused()).length
  new Brake(() => [...others, ...steady]).apply()
  let before = 0
  let mostInTurn = 0
  while (goingOn(others) < others.length) {
    await turn()
    mostInTurn = Math.max(mostInTurn, goingOn(others) - before)
    before = goingOn(others)
    if (before > 0) t.equal(goingOn(steady), steady.length)
  }
  t.ok(mostInTurn <= 16, `${mostInTurn} in one turn`)
})

t.test('a connection that has ended is not waited for', async (t) => {
  let resumed = 0
  const [ended, other] = [0, 0].map((bytesRead) => connectionOf(bytesRead, () => { resumed++ })) as [Connection, Connection]
  const brake = new Brake(() => [ended, other])
  brake.apply()
  brake.forget(ended)
  await eventually('the other goes on', () => !other.socket.isPaused())
  t.ok(ended.socket.isPaused())
  t.equal(resumed, 1)
})

import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { Brake } from '../../../services/connections/brake.ts'
import { Connection } from '../../../services/connections/connection.ts'
import { eventually } from '../../../rig/eventually.ts'
import { IncomingRequest } from '../../../services/connections/incoming-request.ts'

function connectionOf (bytesRead: number, onResumed: () => void): Connection {
  const socket = Object.defineProperty(new Socket(), 'bytesRead', { value: bytesRead })
  socket.on('resume', onResumed)
  return new Connection(socket)
}

/** Makes it one that has sent a whole request. */
function haveSent (connection: Connection): void {
  connection.latest = new IncomingMessage(connection.socket)
  connection.latest.complete = true
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
  for (const connection of steady) haveSent(connection)
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
  const [ended, other] = [0, 0].map((bytesRead) =>
    connectionOf(bytesRead, () => {
      resumed++
    })
  ) as [Connection, Connection]
  const brake = new Brake(() => [ended, other])
  brake.apply()
  brake.forget(ended)
  await eventually('the other goes on', () => !other.socket.isPaused())
  t.ok(ended.socket.isPaused())
  t.equal(resumed, 1)
})

t.test('a turn in which much was read of many connections reads no more', async (t) => {
  const connections = Array.from({ length: 100 }, () => connectionOf(10, () => {}))
  const brake = new Brake(() => connections)
  const spendOnAll = (cost: number) => {
    for (const connection of connections) brake.spend(connection, cost)
  }
  const held = () => connections.filter(({ socket }) => socket.isPaused()).length
  for (let turns = 0; turns < 5; turns++) {
    spendOnAll(200)
    t.equal(held(), 0)
    await turn()
  }
  spendOnAll(400)
  t.equal(held(), connections.length)
  await eventually('all go on', () => held() === 0)
})

t.test('of those that send one request at a time, the ones that were not read in the turn go on first', async (t) => {
  const order: string[] = []
  const read = Array.from({ length: 5 }, () => connectionOf(10, () => order.push('read')))
  const unread = Array.from({ length: 5 }, () => connectionOf(10, () => order.push('unread')))
  for (const connection of [...read, ...unread]) haveSent(connection)
  const brake = new Brake(() => [...read, ...unread])
  for (const connection of read) brake.spend(connection, 6_001)
  await eventually('all go on', () => order.length === 10)
  t.strictSame(order, [...unread.map(() => 'unread'), ...read.map(() => 'read')])
})

t.test('one that is in the middle of a body, or sent a body in small chunks, is none of these', async (t) => {
  const [inBody, wasteful, steady] = [0, 1, 2].map(() => connectionOf(10, () => {})) as [
    Connection,
    Connection,
    Connection
  ]
  for (const connection of [inBody, wasteful, steady]) haveSent(connection)
  if (inBody.latest !== undefined) inBody.latest.complete = false
  wasteful.hasWasted = true
  t.strictSame([inBody, wasteful, steady].map(({ isSteady }) => isSteady), [false, false, true])
})

t.test('a connection whose reader has enough is not read from until that asks for more', async (t) => {
  const full = connectionOf(10, () => {})
  const other = connectionOf(10, () => {})
  const request = new IncomingRequest(full.socket)
  full.latest = request
  request.reading = full
  t.equal(request.push(Buffer.alloc(100_000)), false)
  const brake = new Brake(() => [full, other])
  brake.apply()
  await eventually('the other goes on', () => !other.socket.isPaused())
  t.ok(full.socket.isPaused())
  brake.apply()
  request.read()
  t.ok(full.socket.isPaused(), 'not while it is held')
  await eventually('it goes on', () => !full.socket.isPaused())
})

import { Socket } from 'node:net'
import t from 'tap'
import { Brake } from '../../../services/connections/brake.ts'
import { Connection } from '../../../services/connections/connection.ts'
import { eventually } from '../../eventually.ts'

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

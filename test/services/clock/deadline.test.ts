import { once } from 'node:events'
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { setImmediate as checkPhase } from 'node:timers/promises'
import t from 'tap'
import { Deadline } from '../../../services/clock/deadline.ts'
import { MOST_PER_TURN_MS } from '../../../services/clock/turned-time.ts'
import { TurnedClock } from '../../../services/clock/turned-clock.ts'
import { blockLoop } from '../../block-loop.ts'
import { eventually } from '../../../rig/eventually.ts'

t.test('passes once, and not after it was ended', async (t) => {
  const passed: string[] = []
  const deadlines = ['a', 'b', 'c'].map((name) => new Deadline(20, () => { passed.push(name) }))
  deadlines[1]?.clear()
  await eventually('the others pass', () => passed.length === 2)
  for (const deadline of deadlines) deadline.clear()
  const later = new Deadline(100, () => { passed.push('later') })
  await eventually('one that began after them passes', () => passed.includes('later'))
  t.strictSame(passed, ['a', 'c', 'later'])
  later.restart()
  await eventually('one that is begun anew passes again', () => passed.length === 4)
})

t.test('one that is begun anew again and again does not pass', async (t) => {
  let passes = 0
  const deadline = new Deadline(100, () => { passes++ })
  t.teardown(() => deadline.clear())
  for (let begun = 0; begun < 30; begun++) {
    const other = Promise.withResolvers<void>()
    const short = new Deadline(1, other.resolve)
    await other.promise
    short.clear()
    deadline.restart()
  }
  t.equal(passes, 0)
})

t.test('what came while the process stood still is read before it passes', async (t) => {
  const server = createServer((socket) => { socket.on('data', () => {}) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  // Not due after one turn, and due after another.
  for (const milliseconds of [MOST_PER_TURN_MS + 5, 2 * MOST_PER_TURN_MS - 5]) {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    const [peer] = await once(server, 'connection') as [Socket]
    t.teardown(() => { socket.destroy() })
    const first = Promise.withResolvers<string>()
    socket.once('data', () => first.resolve('answer'))
    const turned = Promise.withResolvers<void>()
    const turn = new Deadline(1, turned.resolve)
    const deadline = new Deadline(milliseconds, () => first.resolve('too late'))
    t.teardown(() => { turn.clear(); deadline.clear() })
    // It passes in the phase after which timers run before what has come is read.
    await turned.promise
    peer.write('answer')
    blockLoop(400)
    t.equal(await first.promise, 'answer', `${milliseconds} ms`)
  }
})

t.test('a clock of turned time runs while it is used, and does not count a pause', async (t) => {
  const clock = new TurnedClock()
  t.teardown(() => clock.stop())
  const start = clock.now
  await eventually('it runs', () => clock.now > start)
  const before = clock.now
  await checkPhase()
  blockLoop(1_000)
  await eventually('it runs on', () => clock.now > before)
  t.ok(clock.now - before < 1_000, 'without the pause')
})

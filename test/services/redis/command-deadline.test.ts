import { setImmediate as checkPhase } from 'node:timers/promises'
import { Redis } from 'ioredis'
import t from 'tap'
import { connectForCommands, connectForSync } from '../../../services/redis/connection.ts'
import { watchedRedis } from '../../../services/redis/watched-redis.ts'
import { blockLoop } from '../../block-loop.ts'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis } from '../../../rig/redis.ts'
import { startProxy } from '../../../rig/tcp-proxy.ts'

const TIMEOUT_MS = 300

/** Ten times the time of a command: more than a connection may be silent. */
const LONG_BLOCK_MS = 10 * TIMEOUT_MS

t.test('a process that was late itself reads the answers that are there', async (t) => {
  const redis = await startRedis(t)
  for (const connect of [connectForCommands, connectForSync]) {
    const connection = connect(redis.url, TIMEOUT_MS)
    t.teardown(async () => connection.disconnect())
    await eventually('it is ready', () => connection.status === 'ready')
    let closes = 0
    connection.on('close', () => { closes++ })
    // The phase after which timers run before the next answer is read.
    await checkPhase()
    const answers = Promise.all([connection.ping(), connection.multi().incr('n').exec(), connection.ping()])
    blockLoop(LONG_BLOCK_MS)
    t.match(await answers, ['PONG', [[null, Number]], 'PONG'], connect.name)
    t.equal(closes, 0, 'and keeps its connection')
  }
})

t.test('a Redis that hangs fails a command, and the same connection goes on with it', async (t) => {
  const redis = await startRedis(t)
  const connection = connectForCommands(redis.url, TIMEOUT_MS)
  t.teardown(async () => connection.disconnect())
  await eventually('it is ready', () => connection.status === 'ready')
  redis.pause()
  await t.rejects(connection.incr('n'), { code: 'command-timeout' })
  await t.rejects(connection.multi().incr('n').incr('n').exec(), { code: 'command-timeout' })
  redis.resume()
  t.equal(await connection.get('n'), '3', 'what timed out was done all the same')
})

t.test('a connection that went silent is given up, and the next one serves', async (t) => {
  const redis = await startRedis(t)
  const proxy = await startProxy(t, redis.path)
  const connection = connectForCommands(`redis://127.0.0.1:${proxy.port}`, TIMEOUT_MS)
  connection.on('error', () => {})
  t.teardown(async () => connection.disconnect())
  await eventually('it is ready', () => connection.status === 'ready')
  let closes = 0
  connection.on('close', () => { closes++ })
  proxy.stall()
  await t.rejects(connection.ping(), { code: 'command-timeout' })
  await eventually('it is given up', () => closes > 0)
  proxy.resume()
  await eventually('the next one serves', () => connection.ping().then(() => true))
})

t.test('a connection that a hung Redis accepts is given up as well', async (t) => {
  const redis = await startRedis(t)
  redis.pause()
  const connection = watchedRedis(new Redis(redis.path, { retryStrategy: () => 1 }), {
    connectMs: 60_000, silenceMs: TIMEOUT_MS
  })
  connection.on('error', () => {})
  t.teardown(async () => connection.disconnect())
  let closes = 0
  connection.on('close', () => { closes++ })
  await eventually('it is given up', () => closes > 0)
  redis.resume()
  await eventually('the next one serves', () => connection.status === 'ready')
})

t.test('a command whose connection breaks fails at once, not after its time', async (t) => {
  const redis = await startRedis(t)
  const proxy = await startProxy(t, redis.path)
  const connection = connectForCommands(`redis://127.0.0.1:${proxy.port}`, 60_000)
  connection.on('error', () => {})
  t.teardown(async () => connection.disconnect())
  await eventually('it is ready', () => connection.status === 'ready')
  proxy.stall()
  const failed = t.rejects(connection.ping(), { code: 'connection-lost' })
  proxy.reset()
  await failed
})

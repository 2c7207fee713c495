import { createHash } from 'node:crypto'
import { once } from 'node:events'
import t from 'tap'
import { connectForCommands, connectForSync, connectForWorker } from '../../../services/redis/connection.ts'
import { redisCommand } from '../../../rig/redis-command.ts'
import { startRedis } from '../../../rig/redis.ts'
import { startReplicated, startSentinel } from '../../../rig/replicated.ts'

t.test('asks a Redis that loads its data again soon, whatever it guesses', async (t) => {
  for (const connect of [connectForCommands, connectForSync, connectForWorker]) {
    const connection = connect('/nowhere/redis.sock')
    connection.on('error', () => {})
    t.teardown(async () => connection.disconnect())
    t.ok((connection.options.maxLoadingRetryTime ?? Infinity) <= 1_000, connect.name)
  }
})

t.test('comes back at once from a connection that broke, and then at a pace', async (t) => {
  const connection = connectForCommands('/nowhere/redis.sock')
  connection.on('error', () => {})
  t.teardown(async () => connection.disconnect())
  const delays = [1, 2, 3, 100].map((attempt) => connection.options.retryStrategy?.(attempt))
  t.ok(Number(delays[0]) < 10)
  t.strictSame(delays.slice(1), [200, 200, 200])
})

t.test('a unix socket with a password and a database is reached, and only with them', async (t) => {
  const password = 's@cret/ü: %'
  // The default user tells only whether the server is there; the other has a password.
  const redis = await startRedis(t, {
    extraArgs: [
      '--user',
      'default',
      'on',
      'nopass',
      '-@all',
      '+ping',
      '+auth',
      '--user',
      'spill',
      'on',
      '#' + createHash('sha256').update(password).digest('hex'),
      '~*',
      '&*',
      '+@all'
    ]
  })
  const url = `unix://spill:${encodeURIComponent(password)}@${redis.path}?db=2`
  for (const connect of [connectForCommands, connectForSync, connectForWorker]) {
    const connection = connect(url)
    t.teardown(async () => connection.disconnect())
    await once(connection, 'ready')
    t.match(await connection.client('INFO'), /\bdb=2 .*user=spill\b/, connect.name)
  }
  const stranger = connectForCommands(redis.url)
  t.teardown(async () => stranger.disconnect())
  await once(stranger, 'ready')
  await t.rejects(stranger.client('INFO'), { message: /NOPERM/ })
  t.throws(() => connectForCommands('unix://nowhere'), { message: /not the URL of a unix socket: unix:\/\/nowhere/ })
})

t.test('the master that Sentinels know is reached with the password and the database of the URL', async (t) => {
  const replicated = await startReplicated(t)
  const [host = '', port] = (await startSentinel(t, replicated)).REDIS_SENTINELS?.split(':') ?? []
  await redisCommand(replicated.master.path, 'CONFIG SET requirepass p@ss', 10_000)
  const sentinels = { nodes: [{ host, port: Number(port) }], name: 'mymaster' }
  const redis = connectForCommands({ url: 'redis://default:p%40ss@mymaster/3', sentinels })
  t.teardown(() => { redis.disconnect() })
  await once(redis, 'ready')
  t.match(await redis.client('INFO'), /\bdb=3\b/)
})

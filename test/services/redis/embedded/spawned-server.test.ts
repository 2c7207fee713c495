import { execFileSync } from 'node:child_process'
import { appendFile, chmod, readdir, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import { exchange } from '../../../../services/redis/embedded/server-probe.ts'
import { findProgram } from '../../../../rig/find-program.ts'
import { redisBinary } from '../../../../rig/redis.ts'
import { command, dataDirectory, embed, pidOf, setForTest, until } from './setup.ts'

t.test('says how to get a Redis when there is none', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis } = embed(t, dataDir)
  await t.test('on an empty PATH', async (t) => {
    setForTest(t, 'PATH', dataDir)
    await t.rejects(redis.start(), {
      code: 'EMBEDDED_REDIS_NOT_INSTALLED',
      message: /apt-get install redis-server.*REDIS_URL/s
    })
    t.equal(redis.isOwner, false)
  })
  await redis.start()
  t.type(await pidOf(redis), 'number', 'and starts once it is installed')
})

t.test('runs valkey-server where there is no redis-server', async (t) => {
  const bin = await dataDirectory(t)
  await symlink(redisBinary(), join(bin, 'valkey-server'))
  setForTest(t, 'PATH', bin)
  const { redis } = embed(t, await dataDirectory(t))
  await redis.start()
  t.type(await pidOf(redis), 'number')
})

t.test('rejects with the last lines of a server that ends at once', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis } = embed(t, dataDir)
  await redis.start()
  await command(redis.socketPath, 'SET', 'key', 'value')
  await redis.stop()
  const file = (await readdir(join(dataDir, 'appendonlydir'))).find((name) => name.endsWith('.incr.aof'))!
  await writeFile(join(dataDir, 'appendonlydir', file), 'this is no append-only file\r\n'.repeat(10))
  await t.rejects(redis.start(), {
    code: 'EMBEDDED_REDIS_EXITED',
    message: /Bad file format reading the append only file.*redis-check-aof --fix \S+\/appendonlydir\/appendonly\.aof\.manifest/s
  })
  t.equal(redis.isOwner, false)
})

t.test('starts on a broken append-only file once it is mended as the message says', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis } = embed(t, dataDir)
  await redis.start()
  await command(redis.socketPath, 'SET', 'before', 'yes')
  await redis.stop()
  const file = (await readdir(join(dataDir, 'appendonlydir'))).find((name) => name.endsWith('.incr.aof'))!
  await appendFile(join(dataDir, 'appendonlydir', file), '+3\r\n$3\r\nSET\r\n$5\r\nafter\r\n$3\r\nyes\r\n')
  const message = await redis.start().then(() => '', (error: Error) => error.message)
  const [program, ...args] = /then run (redis-check-aof --fix [^;]+);/.exec(message)?.[1]?.split(' ') ?? []
  execFileSync(findProgram(program!, 'valkey-check-aof')!, args, { input: 'y\n', stdio: ['pipe', 'ignore', 'inherit'] })
  await redis.start()
  t.strictSame(await command(redis.socketPath, 'MGET', 'before', 'after'), ['yes', null])
})

t.test('starts on an append-only file whose last command was cut off', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis } = embed(t, dataDir)
  await redis.start()
  await command(redis.socketPath, 'SET', 'kept', 'yes')
  await redis.stop()
  const file = (await readdir(join(dataDir, 'appendonlydir'))).find((name) => name.endsWith('.incr.aof'))!
  await appendFile(join(dataDir, 'appendonlydir', file), '*3\r\n$3\r\nSET\r\n$4\r\nlo')
  await redis.start()
  t.equal(await command(redis.socketPath, 'GET', 'kept'), 'yes')
})

t.test('no part of a transaction that was cut off comes back at a later start', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis, lines } = embed(t, dataDir)
  const changeTwo = (value: string) =>
    command(redis.socketPath, 'EVAL', `redis.call('SET', 'a', '${value}') redis.call('SET', 'b', '${value}')`, '0')
  await redis.start()
  await changeTwo('first')
  await redis.stop()
  const file = (await readdir(join(dataDir, 'appendonlydir'))).find((name) => name.endsWith('.incr.aof'))!
  const set = (name: string) => `*3\r\n$3\r\nSET\r\n$${name.length}\r\n${name}\r\n$4\r\nhalf\r\n`
  await appendFile(join(dataDir, 'appendonlydir', file), `*1\r\n$5\r\nMULTI\r\n${set('half')}${set('b').slice(0, -3)}`)
  await redis.start()
  t.strictSame(await command(redis.socketPath, 'MGET', 'a', 'b', 'half'), ['first', 'first', null])
  await until('the file is written anew', async () =>
    (await command(redis.socketPath, 'INFO', 'persistence') as string).includes('aof_last_rewrite_time_sec:0'))
  t.ok(lines.some(({ event, level }) => event === 'embedded-redis-cut-off' && level === 40))
  await changeTwo('second')
  await redis.stop()
  await redis.start()
  t.strictSame(await command(redis.socketPath, 'MGET', 'a', 'b', 'half'), ['second', 'second', null])
})

t.test('waits, and says so, while a large append-only file is loaded', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis, lines } = embed(t, dataDir)
  await redis.start()
  const client = new Redis({ path: redis.socketPath })
  const pipeline = client.pipeline()
  for (let key = 0; key < 5_000; key++) pipeline.set(`key:${key}`, 'value')
  await pipeline.exec()
  client.disconnect()
  await redis.stop()
  const bin = await dataDirectory(t)
  // Redis looks at its clients every 1,024 commands, here twice a second, until the test makes it hurry.
  await writeFile(join(bin, 'redis-server'), `#!/bin/sh\nexec ${redisBinary()} "$@" --key-load-delay 500\n`)
  await chmod(join(bin, 'redis-server'), 0o755)
  setForTest(t, 'PATH', `${bin}${delimiter}${process.env.PATH}`)
  const isTold = () => lines.some(({ msg }) => msg.includes('is loading its append-only file'))
  const hurry = () => exchange(redis.socketPath, 'CONFIG SET key-load-delay 0\r\n', (text) => text.endsWith('\r\n'))
  await Promise.all([redis.start(), until('it is told', isTold).then(hurry)])
  t.equal(await command(redis.socketPath, 'DBSIZE'), 5_000)
  t.equal(lines.filter(({ msg }) => msg.includes('is loading its append-only file')).length, 1)
})

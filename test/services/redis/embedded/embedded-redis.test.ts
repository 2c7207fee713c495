import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import t from 'tap'
import { EmbeddedRedis } from '../../../../services/redis/embedded/embedded-redis.ts'
import { probeServer } from '../../../../services/redis/embedded/server-probe.ts'
import { command, dataDirectory, embed, isAlive, pidOf, serversOn, startProcess, until } from './setup.ts'

t.test('starts a Redis that loses nothing it has confirmed', async (t) => {
  const { redis } = embed(t, await dataDirectory(t))
  await redis.start()
  t.equal(redis.isOwner, true)
  t.equal(await command(redis.socketPath, 'PING'), 'PONG')
  const settings = async (name: string) => (await command(redis.socketPath, 'CONFIG', 'GET', name) as string[])[1]
  t.equal(await settings('appendonly'), 'yes')
  t.equal(await settings('appendfsync'), 'always')
  t.equal(await settings('maxmemory-policy'), 'noeviction')
  t.equal(await settings('save'), '')
  t.equal(await settings('port'), '0')
  t.equal((await stat(redis.socketPath)).mode & 0o777, 0o700)
})

t.test('creates the data directory for its user alone', async (t) => {
  const dataDir = join(await dataDirectory(t), 'data')
  const { redis } = embed(t, dataDir)
  await redis.start()
  t.equal((await stat(dataDir)).mode & 0o777, 0o700)
})

t.test('stops with the service and keeps the data', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis } = embed(t, dataDir)
  await redis.start()
  const pid = await pidOf(redis)
  await command(redis.socketPath, 'SET', 'kept', 'yes')
  await redis.stop()
  t.equal(isAlive(pid!), false)
  t.equal(redis.isOwner, false)
  t.equal(existsSync(redis.socketPath), false)
  await redis.start()
  t.not(await pidOf(redis), pid)
  t.equal(await command(redis.socketPath, 'GET', 'kept'), 'yes')
})

t.test('passes the log of the server on', async (t) => {
  const { redis, lines } = embed(t, await dataDirectory(t))
  await redis.start()
  await until(
    'the greeting is logged',
    () =>
      lines.some(({ msg }) =>
        msg.includes('Ready to accept connections') || msg.includes('ready to accept connections')
      )
  )
  t.match(lines.filter(({ level }) => level > 30), [], 'and a normal start holds no warning')
  process.kill(await pidOf(redis) as number, 'SIGTERM')
  await until(
    'a warning of the running server is logged as one',
    () => lines.some(({ level, msg }) => level === 40 && msg.includes('shutdown'))
  )
})

t.test('kills a server of its own that hangs when it is to stop', async (t) => {
  const redis = new EmbeddedRedis({
    dataDir: await dataDirectory(t),
    appendfsync: 'always',
    log: pino({ level: 'silent' }),
    stopDeadlineMs: 50
  })
  await redis.start()
  const pid = await pidOf(redis)
  process.kill(pid!, 'SIGSTOP')
  await redis.stop()
  t.equal(isAlive(pid!), false)
})

t.test('does not keep the process alive', async (t) => {
  const dataDir = await dataDirectory(t)
  const { child, serverPid } = await startProcess(t, dataDir, 'end')
  if (child.exitCode === null) await once(child, 'exit')
  t.equal(child.exitCode, 0)
  const { redis } = embed(t, dataDir)
  await redis.start()
  t.equal(await pidOf(redis), serverPid)
})

t.test('starts the server again when it is killed, with the data', async (t) => {
  const { redis, lines } = embed(t, await dataDirectory(t))
  await redis.start()
  await command(redis.socketPath, 'SET', 'kept', 'yes')
  const killed = await pidOf(redis) as number
  process.kill(killed, 'SIGKILL')
  await until('another server answers', async () => ![undefined, killed].includes(await pidOf(redis)))
  t.equal(await command(redis.socketPath, 'GET', 'kept'), 'yes')
  t.match(lines.filter(({ level }) => level === 50), [{ code: null, signal: 'SIGKILL' }])
})

t.test('start and stop are idempotent', async (t) => {
  const { redis } = embed(t, await dataDirectory(t))
  await redis.stop()
  await Promise.all([redis.start(), redis.start()])
  const pid = await pidOf(redis)
  await redis.start()
  t.equal(await pidOf(redis), pid)
  await Promise.all([redis.stop(), redis.stop()])
  await redis.stop()
  t.equal(isAlive(pid!), false)
})

t.test('a stop gives up the start that is in progress', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis } = embed(t, dataDir)
  const rejected = t.rejects(redis.start(), { code: 'EMBEDDED_REDIS_STOPPED' })
  await redis.stop()
  await rejected
  t.equal((await probeServer(redis.socketPath)).state, 'absent')
})

t.test('any order of starts and stops ends in what was asked for last', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis } = embed(t, dataDir)
  // A fixed sequence that looks like chance, so that a failure can be repeated.
  let state = 7
  const next = () => (state = state * 48_271 % 2_147_483_647) / 2_147_483_647
  for (let round = 0; round < 60; round++) {
    if (next() < 0.5) redis.start().catch(() => {})
    else void redis.stop()
    if (next() < 0.3) await delay(next() * 60)
  }
  await redis.start()
  t.type(await pidOf(redis), 'number')
  await redis.stop()
  t.equal((await probeServer(redis.socketPath)).state, 'absent')
  t.strictSame(serversOn(dataDir), [])
})

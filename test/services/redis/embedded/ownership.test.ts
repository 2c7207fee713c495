import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { EmbeddedRedis } from '../../../../services/redis/embedded/embedded-redis.ts'
import { redisBinary } from '../../../../rig/redis.ts'
import {
  command,
  dataDirectory,
  embed,
  end,
  isAlive,
  OWNER_PROCESS,
  pidOf,
  serversOn,
  startProcess,
  until
} from './setup.ts'

t.test('a second instance uses the running server and leaves it', async (t) => {
  const dataDir = await dataDirectory(t)
  const owner = embed(t, dataDir).redis
  const borrower = embed(t, dataDir).redis
  await owner.start()
  await borrower.start()
  t.equal(borrower.isOwner, false)
  await borrower.stop()
  t.equal(await command(owner.socketPath, 'PING'), 'PONG')
})

t.test('a second process uses the running server and leaves it', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis } = embed(t, dataDir)
  await redis.start()
  const { child, isOwner, serverPid } = await startProcess(t, dataDir, 'hold')
  t.equal(isOwner, false)
  t.equal(serverPid, await pidOf(redis))
  await end(child, 'SIGTERM')
  t.equal(await pidOf(redis), serverPid)
})

t.test('a borrower starts the server again when its owner has stopped it', async (t) => {
  const dataDir = await dataDirectory(t)
  const owner = embed(t, dataDir).redis
  const borrower = embed(t, dataDir).redis
  await owner.start()
  await borrower.start()
  await command(owner.socketPath, 'SET', 'kept', 'yes')
  await owner.stop()
  await until('the borrower owns a server', async () => borrower.isOwner && await pidOf(borrower) !== undefined)
  t.equal(await command(borrower.socketPath, 'GET', 'kept'), 'yes')
})

t.test('adopts the server of a process that was killed, and stops it', async (t) => {
  const dataDir = await dataDirectory(t)
  const { child, isOwner, serverPid } = await startProcess(t, dataDir, 'hold')
  t.equal(isOwner, true)
  await end(child, 'SIGKILL')
  t.equal(isAlive(serverPid), true)
  const { redis } = embed(t, dataDir)
  await redis.start()
  t.equal(await pidOf(redis), serverPid)
  t.equal(redis.isOwner, true)
  await redis.stop()
  t.equal(isAlive(serverPid), false)
})

t.test('gives an adopted server its own settings', async (t) => {
  const dataDir = await dataDirectory(t)
  const { child } = await startProcess(t, dataDir, 'hold')
  await end(child, 'SIGKILL')
  const redis = new EmbeddedRedis({
    dataDir, appendfsync: 'everysec', maxmemoryBytes: 123_456_789, log: pino({ level: 'silent' })
  })
  t.teardown(() => redis.stop())
  await redis.start()
  t.strictSame(await command(redis.socketPath, 'CONFIG', 'GET', 'appendfsync'), ['appendfsync', 'everysec'])
  t.strictSame(await command(redis.socketPath, 'CONFIG', 'GET', 'maxmemory'), ['maxmemory', '123456789'])
})

t.test('kills an adopted server that hangs when it is to stop', async (t) => {
  const dataDir = await dataDirectory(t)
  const { child, serverPid } = await startProcess(t, dataDir, 'hold')
  await end(child, 'SIGKILL')
  const redis = new EmbeddedRedis({
    dataDir,
    appendfsync: 'always',
    log: pino({ level: 'silent' }),
    stopDeadlineMs: 50
  })
  await redis.start()
  process.kill(serverPid, 'SIGSTOP')
  await redis.stop()
  t.equal(isAlive(serverPid), false)
})

t.test('a borrower takes over when the owner is killed', async (t) => {
  const dataDir = await dataDirectory(t)
  const { child, serverPid } = await startProcess(t, dataDir, 'hold')
  const { redis } = embed(t, dataDir)
  await redis.start()
  t.equal(redis.isOwner, false)
  await end(child, 'SIGKILL')
  await until('the borrower owns the server', () => redis.isOwner)
  t.equal(await pidOf(redis), serverPid)
  await redis.stop()
  t.equal(isAlive(serverPid), false)
})

t.test('a borrower does not leave a server behind that nobody owns', async (t) => {
  const dataDir = await dataDirectory(t)
  const { child, serverPid } = await startProcess(t, dataDir, 'hold')
  const { redis } = embed(t, dataDir)
  await redis.start()
  await end(child, 'SIGKILL')
  await redis.stop()
  t.equal(isAlive(serverPid), false)
})

t.test('starts an adopted server again when it is killed', async (t) => {
  const dataDir = await dataDirectory(t)
  const { child, serverPid } = await startProcess(t, dataDir, 'hold')
  await end(child, 'SIGKILL')
  const { redis } = embed(t, dataDir)
  await redis.start()
  process.kill(serverPid, 'SIGKILL')
  await until('another server answers', async () => ![undefined, serverPid].includes(await pidOf(redis)))
  t.equal(redis.isOwner, true)
})

t.test('a borrower leaves the restart of the server to its owner', async (t) => {
  const dataDir = await dataDirectory(t)
  const owner = embed(t, dataDir).redis
  const borrower = embed(t, dataDir).redis
  await owner.start()
  await borrower.start()
  const killed = await pidOf(owner) as number
  process.kill(killed, 'SIGKILL')
  await until('there is another server', async () => ![undefined, killed].includes(await pidOf(borrower)))
  t.equal(borrower.isOwner, false)
})

t.test('concurrent starts start one server', async (t) => {
  const dataDir = await dataDirectory(t)
  const instances = Array.from({ length: 4 }, () => embed(t, dataDir).redis)
  const [processes] = await Promise.all([
    Promise.all(Array.from({ length: 3 }, () => startProcess(t, dataDir, 'hold'))),
    ...instances.map((redis) => redis.start())
  ])
  t.equal(new Set(processes.map(({ serverPid }) => serverPid)).size, 1)
  t.equal([...instances, ...processes].filter(({ isOwner }) => isOwner).length, 1)
  t.equal(serversOn(dataDir).length, 1)
  await Promise.all(processes.map(({ child }) => end(child, 'SIGTERM')))
  await Promise.all(instances.map((redis) => redis.stop()))
  t.strictSame(serversOn(dataDir), [])
})

t.test('waits for a server that is starting for an owner who was killed meanwhile', async (t) => {
  const dataDir = await dataDirectory(t)
  const bin = await dataDirectory(t)
  const gate = join(bin, 'gate')
  // The process is there at once; the server appears on its socket when the gate opens.
  await writeFile(
    join(bin, 'redis-server'),
    `#!/bin/sh\nexec 1>/dev/null 2>&1\nwhile [ -d ${bin} ] && [ ! -e ${gate} ]; do sleep 0.01; done\nexec ${redisBinary()} "$@"\n`,
    { mode: 0o755 }
  )
  const child = spawn(process.execPath, [OWNER_PROCESS, dataDir, 'hold'], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` }
  })
  await until('the server is starting', () => serversOn(dataDir).length > 0)
  await end(child, 'SIGKILL')
  const [pid] = serversOn(dataDir)
  const { redis } = embed(t, dataDir)
  const started = redis.start()
  await until('the lock is ours', () => redis.isOwner)
  await writeFile(gate, '')
  await started
  t.equal(await pidOf(redis), pid)
})

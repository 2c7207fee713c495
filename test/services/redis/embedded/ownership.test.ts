import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { pino } from 'pino'
import t from 'tap'
import { EmbeddedRedis } from '../../../../services/redis/embedded/embedded-redis.ts'
import { redisBinary } from '../../../../rig/redis.ts'
import { answersOn, command, dataDirectory, embed, end, isAlive, OWNER_PROCESS, serversOn, startProcess, until } from './setup.ts'

t.test('a second instance uses the running server and leaves it', async (t) => {
  const dataDir = await dataDirectory(t)
  const owner = embed(t, dataDir).redis
  const borrower = embed(t, dataDir).redis
  await owner.start()
  await borrower.start()
  t.equal(borrower.isOwner, false)
  t.equal(borrower.pid, owner.pid)
  await borrower.stop()
  t.equal(await command(owner.socketPath, 'PING'), 'PONG')
})

t.test('a second process uses the running server and leaves it', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis } = embed(t, dataDir)
  await redis.start()
  const { child, isOwner, serverPid } = await startProcess(t, dataDir, 'hold')
  t.equal(isOwner, false)
  t.equal(serverPid, redis.pid)
  await end(child, 'SIGTERM')
  t.equal(await answersOn(redis, serverPid), true)
})

t.test('a borrower starts the server again when its owner has stopped it', async (t) => {
  const dataDir = await dataDirectory(t)
  const owner = embed(t, dataDir).redis
  const borrower = embed(t, dataDir).redis
  await owner.start()
  await borrower.start()
  await command(owner.socketPath, 'SET', 'kept', 'yes')
  await owner.stop()
  await until('the borrower owns a server', () => borrower.isOwner && answersOn(borrower))
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
  t.equal(redis.pid, serverPid)
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
  const redis = new EmbeddedRedis({ dataDir, appendfsync: 'always', log: pino({ level: 'silent' }), stopDeadlineMs: 50 })
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
  await until('the borrower owns the server', () => redis.isOwner && redis.pid !== undefined)
  t.equal(redis.pid, serverPid)
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
  await until('another server answers', () => redis.pid !== undefined && redis.pid !== serverPid && answersOn(redis, redis.pid))
  t.equal(redis.isOwner, true)
})

t.test('a borrower follows the owner to the next server', async (t) => {
  const dataDir = await dataDirectory(t)
  const owner = embed(t, dataDir).redis
  const borrower = embed(t, dataDir).redis
  await owner.start()
  await borrower.start()
  const killed = owner.pid!
  process.kill(killed, 'SIGKILL')
  await until('both use the next server', () => owner.pid !== undefined && owner.pid !== killed && borrower.pid === owner.pid)
  t.equal(borrower.isOwner, false)
})

t.test('concurrent starts start one server', async (t) => {
  const dataDir = await dataDirectory(t)
  const instances = Array.from({ length: 4 }, () => embed(t, dataDir).redis)
  const [processes] = await Promise.all([
    Promise.all(Array.from({ length: 3 }, () => startProcess(t, dataDir, 'hold'))),
    ...instances.map((redis) => redis.start())
  ])
  t.equal(new Set([...instances.map(({ pid }) => pid), ...processes.map(({ serverPid }) => serverPid)]).size, 1)
  t.equal([...instances, ...processes].filter(({ isOwner }) => isOwner).length, 1)
  if (process.platform === 'linux') t.equal(await serversOn(dataDir), 1)
  await Promise.all(processes.map(({ child }) => end(child, 'SIGTERM')))
  await Promise.all(instances.map((redis) => redis.stop()))
  if (process.platform === 'linux') t.equal(await serversOn(dataDir), 0)
})

t.test('waits for a server that is starting for an owner who was killed meanwhile', async (t) => {
  const dataDir = await dataDirectory(t)
  const bin = await dataDirectory(t)
  const gate = join(bin, 'gate')
  // The record is written at once; the server appears on its socket when the gate opens.
  await writeFile(join(bin, 'redis-server'), `#!/bin/sh\nexec 1>/dev/null 2>&1\nwhile [ -d ${bin} ] && [ ! -e ${gate} ]; do sleep 0.01; done\nexec ${redisBinary()} "$@"\n`, { mode: 0o755 })
  const child = spawn(process.execPath, [OWNER_PROCESS, dataDir, 'hold'], { stdio: 'ignore', env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` } })
  await until('the server is recorded', () => existsSync(join(dataDir, 'redis-server.json')))
  await end(child, 'SIGKILL')
  const { pid } = JSON.parse(await readFile(join(dataDir, 'redis-server.json'), 'utf8'))
  const { redis } = embed(t, dataDir)
  const started = redis.start()
  await until('the lock is ours', () => redis.isOwner)
  await writeFile(gate, '')
  await started
  t.equal(redis.pid, pid)
})

t.test('does not take a process for the recorded server because it has the same pid', async (t) => {
  const dataDir = await dataDirectory(t)
  await writeFile(join(dataDir, 'redis-server.json'), JSON.stringify({ pid: process.pid, identity: 'an earlier boot/1' }))
  const { redis } = embed(t, dataDir)
  await redis.start()
  t.not(redis.pid, process.pid)
})

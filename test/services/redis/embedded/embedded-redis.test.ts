import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { EmbeddedRedis } from '../../../../services/redis/embedded/embedded-redis.ts'
import { identifyProcess } from '../../../../services/redis/embedded/process-identity.ts'
import { exchange, probeServer } from '../../../../services/redis/embedded/server-probe.ts'
import { redisBinary } from '../../../redis.ts'

const OWNER_PROCESS = join(import.meta.dirname, 'embedded-redis-process.ts')
const DEADLINE_MS = 120_000

interface LogLine { level: number, msg: string, code?: number | null, signal?: string | null }

/** A data directory that is deleted at the end, after any server that a failed test left on it has been killed. */
async function dataDirectory (t: Test): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'spillway-test-'))
  t.teardown(async () => {
    const probe = await probeServer(join(dataDir, 'redis.sock'))
    if ('pid' in probe) process.kill(probe.pid, 'SIGKILL')
    await rm(dataDir, { recursive: true, force: true })
  })
  return dataDir
}

function embed (t: Test, dataDir: string): { redis: EmbeddedRedis, lines: LogLine[] } {
  const lines: LogLine[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => { lines.push(JSON.parse(line)) } })
  const redis = new EmbeddedRedis({ dataDir, appendfsync: 'always', log })
  t.teardown(() => redis.stop())
  return { redis, lines }
}

async function until (claim: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`still not so: ${claim}`)
    await delay(10)
  }
}

async function command (socketPath: string, name: string, ...args: string[]): Promise<unknown> {
  const client = new Redis({ path: socketPath, retryStrategy: null, maxRetriesPerRequest: 0 })
  client.on('error', () => {})
  try {
    return await client.call(name, ...args)
  } finally {
    client.disconnect()
  }
}

const isAlive = (pid: number) => identifyProcess(pid) !== undefined

async function answersOn (redis: EmbeddedRedis, pid?: number): Promise<boolean> {
  const probe = await probeServer(redis.socketPath)
  return probe.state === 'ready' && (pid === undefined || probe.pid === pid)
}

/** How many servers run with their files in the directory. */
async function serversOn (dataDir: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => /(?:redis|valkey)-server/.test(line.split('\0')[0] ?? '') && line.includes(dataDir)).length
}

async function startProcess (t: Test, dataDir: string, mode: 'hold' | 'end'): Promise<{ child: ChildProcess, isOwner: boolean, serverPid: number }> {
  const child = spawn(process.execPath, [OWNER_PROCESS, dataDir, mode], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { child.kill('SIGKILL') })
  const [line] = await once(createInterface(child.stdout), 'line')
  return { child, ...JSON.parse(line) }
}

async function end (child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

function setForTest (t: Test, key: string, value: string): void {
  const before = process.env[key]
  process.env[key] = value
  t.teardown(() => {
    if (before === undefined) delete process.env[key]
    else process.env[key] = before
  })
}

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
  const { pid } = redis
  await command(redis.socketPath, 'SET', 'kept', 'yes')
  await redis.stop()
  t.equal(isAlive(pid!), false)
  t.equal(redis.isOwner, false)
  t.equal(existsSync(redis.socketPath), false)
  await redis.start()
  t.not(redis.pid, pid)
  t.equal(await command(redis.socketPath, 'GET', 'kept'), 'yes')
})

t.test('passes the log of the server on', async (t) => {
  const { redis, lines } = embed(t, await dataDirectory(t))
  await redis.start()
  await until('the greeting is logged', () => lines.some(({ msg }) => msg.includes('Ready to accept connections') || msg.includes('ready to accept connections')))
  t.match(lines.filter(({ level }) => level > 30), [], 'and a normal start holds no warning')
  process.kill(redis.pid!, 'SIGTERM')
  await until('a warning of the running server is logged as one', () => lines.some(({ level, msg }) => level === 40 && msg.includes('shutdown')))
})

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
  const redis = new EmbeddedRedis({ dataDir, appendfsync: 'everysec', log: pino({ level: 'silent' }) })
  t.teardown(() => redis.stop())
  await redis.start()
  t.strictSame(await command(redis.socketPath, 'CONFIG', 'GET', 'appendfsync'), ['appendfsync', 'everysec'])
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

t.test('kills a server of its own that hangs when it is to stop', async (t) => {
  const redis = new EmbeddedRedis({ dataDir: await dataDirectory(t), appendfsync: 'always', log: pino({ level: 'silent' }), stopDeadlineMs: 50 })
  await redis.start()
  const { pid } = redis
  process.kill(pid!, 'SIGSTOP')
  await redis.stop()
  t.equal(isAlive(pid!), false)
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

t.test('does not keep the process alive', async (t) => {
  const dataDir = await dataDirectory(t)
  const { child, serverPid } = await startProcess(t, dataDir, 'end')
  if (child.exitCode === null) await once(child, 'exit')
  t.equal(child.exitCode, 0)
  const { redis } = embed(t, dataDir)
  await redis.start()
  t.equal(redis.pid, serverPid)
})

t.test('starts the server again when it is killed, with the data', async (t) => {
  const { redis, lines } = embed(t, await dataDirectory(t))
  await redis.start()
  await command(redis.socketPath, 'SET', 'kept', 'yes')
  const killed = redis.pid!
  process.kill(killed, 'SIGKILL')
  await until('another server answers', () => redis.pid !== undefined && redis.pid !== killed && answersOn(redis, redis.pid))
  t.equal(await command(redis.socketPath, 'GET', 'kept'), 'yes')
  t.match(lines.filter(({ level }) => level === 50), [{ code: null, signal: 'SIGKILL' }])
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

t.test('works in a data directory too deep for a unix socket', async (t) => {
  const root = await dataDirectory(t)
  setForTest(t, 'TMPDIR', root)
  const dataDir = join(root, 'deep'.repeat(20), 'deep'.repeat(20))
  const { redis } = embed(t, dataDir)
  await redis.start()
  t.equal(redis.socketPath.startsWith(dataDir), false)
  t.ok(Buffer.byteLength(redis.socketPath) <= 107)
  t.equal((await stat(dirname(redis.socketPath))).mode & 0o777, 0o700)
  t.equal(existsSync(join(dataDir, 'appendonlydir')), true)
  const borrower = embed(t, dataDir).redis
  await borrower.start()
  t.equal(borrower.pid, redis.pid)
  await borrower.stop()
  await redis.stop()
  t.equal(existsSync(dirname(redis.socketPath)), false)
})

t.test('refuses a socket folder that another user has put there', { skip: process.getuid?.() === 0 ? false : 'only root can make one' }, async (t) => {
  const root = await dataDirectory(t)
  setForTest(t, 'TMPDIR', root)
  const { redis } = embed(t, join(root, 'deep'.repeat(20), 'deep'.repeat(20)))
  await mkdir(dirname(redis.socketPath))
  await chown(dirname(redis.socketPath), 12_345, 12_345)
  await t.rejects(redis.start(), { code: 'EMBEDDED_REDIS_UNSAFE_FOLDER' })
})

t.test('refuses a socket folder that is a link', async (t) => {
  const root = await dataDirectory(t)
  setForTest(t, 'TMPDIR', root)
  const { redis } = embed(t, join(root, 'deep'.repeat(20), 'deep'.repeat(20)))
  await symlink(root, dirname(redis.socketPath))
  await t.rejects(redis.start(), { code: 'EMBEDDED_REDIS_UNSAFE_FOLDER' })
})

t.test('says how to get a Redis when there is none', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis } = embed(t, dataDir)
  await t.test('on an empty PATH', async (t) => {
    setForTest(t, 'PATH', dataDir)
    await t.rejects(redis.start(), { code: 'EMBEDDED_REDIS_NOT_INSTALLED', message: /apt-get install redis-server.*REDIS_URL/s })
    t.equal(redis.isOwner, false)
  })
  await redis.start()
  t.equal(await answersOn(redis), true, 'and starts once it is installed')
})

t.test('runs valkey-server where there is no redis-server', async (t) => {
  const bin = await dataDirectory(t)
  await symlink(redisBinary(), join(bin, 'valkey-server'))
  setForTest(t, 'PATH', bin)
  const { redis } = embed(t, await dataDirectory(t))
  await redis.start()
  t.equal(await answersOn(redis), true)
})

t.test('rejects with the last lines of a server that ends at once', async (t) => {
  const dataDir = await dataDirectory(t)
  const { redis } = embed(t, dataDir)
  await redis.start()
  await command(redis.socketPath, 'SET', 'key', 'value')
  await redis.stop()
  const file = (await readdir(join(dataDir, 'appendonlydir'))).find((name) => name.endsWith('.incr.aof'))!
  await writeFile(join(dataDir, 'appendonlydir', file), 'this is no append-only file\r\n'.repeat(10))
  await t.rejects(redis.start(), { code: 'EMBEDDED_REDIS_EXITED', message: /Bad file format reading the append only file/ })
  t.equal(redis.isOwner, false)
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
  // Redis looks at its clients every 1,024 commands, here twice a second, until it is told to hurry.
  await writeFile(join(bin, 'redis-server'), `#!/bin/sh\nexec ${redisBinary()} "$@" --key-load-delay 500\n`)
  await chmod(join(bin, 'redis-server'), 0o755)
  setForTest(t, 'PATH', `${bin}${delimiter}${process.env.PATH}`)
  const isTold = () => lines.some(({ msg }) => msg.includes('is loading its append-only file'))
  const hurry = () => exchange(redis.socketPath, 'CONFIG SET key-load-delay 0\r\n', (text) => text.endsWith('\r\n'))
  await Promise.all([redis.start(), until('it is told', isTold).then(hurry)])
  t.equal(await command(redis.socketPath, 'DBSIZE'), 5_000)
  t.equal(lines.filter(({ msg }) => msg.includes('is loading its append-only file')).length, 1)
})

t.test('start and stop are idempotent', async (t) => {
  const { redis } = embed(t, await dataDirectory(t))
  await redis.stop()
  await Promise.all([redis.start(), redis.start()])
  const { pid } = redis
  await redis.start()
  t.equal(redis.pid, pid)
  await Promise.all([redis.stop(), redis.stop()])
  await redis.stop()
  t.equal(isAlive(pid!), false)
})

t.test('a stop gives up the start that is under way', async (t) => {
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
  t.equal(await answersOn(redis, redis.pid), true)
  await redis.stop()
  t.equal((await probeServer(redis.socketPath)).state, 'absent')
  if (process.platform === 'linux') t.equal(await serversOn(dataDir), 0)
})

import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { OwnershipLock } from '../../../../services/redis/embedded/ownership-lock.ts'
import { readLiveServerRecord, writeServerRecord } from '../../../../services/redis/embedded/server-record.ts'
import { command, dataDirectory, embed } from './setup.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

t.test('the files of Redis are for its user alone, in a folder that existed before too', async (t) => {
  const dataDir = await dataDirectory(t)
  chmodSync(dataDir, 0o755)
  const { redis } = embed(t, dataDir)
  const before = process.umask()
  await redis.start()
  t.equal(process.umask(), before, 'the mask of this process stays')
  await command(redis.socketPath, 'SET', 'key', 'value')
  for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
    t.equal(lstatSync(join(entry.parentPath, entry.name)).mode & 0o077, 0, entry.name)
  }
  t.equal(modeOf(dataDir), '755', 'the folder is the operator\'s')
})

t.test('append-only files that an earlier version left for all to read are closed off', async (t) => {
  const dataDir = await dataDirectory(t)
  const folder = join(dataDir, 'appendonlydir')
  mkdirSync(folder, { mode: 0o755 })
  chmodSync(folder, 0o755)
  const { redis } = embed(t, dataDir)
  await redis.start()
  t.equal(modeOf(folder), '700')
})

t.test('a record is written to no place that a link leads to', async (t) => {
  const dataDir = await dataDirectory(t)
  const victim = join(await dataDirectory(t), 'victim')
  writeFileSync(victim, 'precious')
  for (const name of ['redis-server.json.new', 'redis-server.json']) symlinkSync(victim, join(dataDir, name))
  writeServerRecord(dataDir, process.pid)
  t.equal(readFileSync(victim, 'utf8'), 'precious')
  t.equal(readLiveServerRecord(dataDir)?.pid, process.pid)
  t.equal(modeOf(join(dataDir, 'redis-server.json')), '600')
})

t.test('a record behind a link names no process', async (t) => {
  const [dataDir, other] = [await dataDirectory(t), await dataDirectory(t)]
  writeServerRecord(other, process.pid)
  symlinkSync(join(other, 'redis-server.json'), join(dataDir, 'redis-server.json'))
  t.equal(readLiveServerRecord(dataDir), undefined)
})

t.test('the lock is created for its user alone, and not behind a link', async (t) => {
  const dataDir = await dataDirectory(t)
  const path = join(dataDir, 'redis.lock')
  const elsewhere = join(await dataDirectory(t), 'elsewhere')
  symlinkSync(elsewhere, path)
  t.throws(() => new OwnershipLock(path).tryAcquire(), { code: 'EMBEDDED_REDIS_UNSAFE_FOLDER' })
  t.notOk(existsSync(elsewhere))
  const lock = new OwnershipLock(join(dataDir, 'other.lock'))
  t.equal(lock.tryAcquire(), true)
  t.teardown(() => lock.release())
  t.equal(modeOf(join(dataDir, 'other.lock')), '600')
  t.equal(new OwnershipLock(join(dataDir, 'other.lock')).tryAcquire(), false, 'which a second one does not break')
})

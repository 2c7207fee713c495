import { chmodSync, existsSync, lstatSync, statSync, symlinkSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { OwnershipLock } from '../../../../services/redis/embedded/ownership-lock.ts'
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

import { existsSync } from 'node:fs'
import { chown, mkdir, stat, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { dataDirectory, embed, setForTest } from './setup.ts'

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
  t.equal(borrower.isOwner, false)
  await borrower.stop()
  await redis.stop()
  t.equal(existsSync(dirname(redis.socketPath)), false)
})

t.test('refuses a socket folder that another user has put there', {
  skip: process.getuid?.() === 0 ? false : 'only root can make one'
}, async (t) => {
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

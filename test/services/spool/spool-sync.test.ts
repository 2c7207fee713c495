import { readlinkSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { basename, join } from 'node:path'
import t, { type Test } from 'tap'
import { BLOCK_BYTES } from '../../../services/spool/spool-entry.ts'
import { batchOf, filesIn, startSpool } from './setup.ts'

/** Lets every fsync of this process note what it was of, and fail on demand. */
async function watchSyncs (t: Test) {
  const handle = await open(import.meta.filename)
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const watch = { synced: [] as string[], failWith: undefined as ((path: string) => Error | undefined) | undefined }
  const sync = prototype.sync
  t.teardown(() => { prototype.sync = sync })
  prototype.sync = async function (this: FileHandle) {
    const path = readlinkSync(`/proc/self/fd/${this.fd}`)
    const error = watch.failWith?.(path)
    if (error !== undefined) throw error
    await sync.call(this)
    watch.synced.push(path)
  }
  return watch
}

const noProc = process.platform !== 'linux' && 'needs /proc'

t.test('a write is answered after file and folder are on the disk', { skip: noProc }, async (t) => {
  const { spool, dir } = await startSpool(t)
  const watch = await watchSyncs(t)
  const batch = batchOf(1)
  await spool.write(batch)
  t.match(watch.synced.map((path) => basename(path)), [
    new RegExp(`${batch.id}\\.batch\\..+\\.writing$`),
    basename(dir)
  ])
  t.equal(watch.synced.length, 2)
})

t.test('writes that run side by side share the fsync of the folder, and none relies on one that began before it', {
  skip: noProc
}, async (t) => {
  const { spool, dir } = await startSpool(t)
  const watch = await watchSyncs(t)
  await Promise.all(Array.from({ length: 20 }, async () => {
    const batch = batchOf(1)
    await spool.write(batch)
    const file = watch.synced.findIndex((path) => path.includes(batch.id))
    t.ok(file >= 0 && watch.synced.indexOf(dir, file) > file)
  }))
  t.equal(watch.synced.filter((path) => path !== dir).length, 20)
  t.ok(watch.synced.filter((path) => path === dir).length < 20)
})

t.test('a new folder is on the disk too', { skip: noProc }, async (t) => {
  const watch = await watchSyncs(t)
  const { dir } = await startSpool(t, { dir: join(t.testdir(), 'new', 'spool') })
  t.strictSame(watch.synced, [join(dir, '..'), join(dir, '../..')])
})

t.test('a write that the disk does not confirm is refused and leaves nothing behind', { skip: noProc }, async (t) => {
  for (const isFolder of [false, true]) {
    for (
      const [code, refusal] of [['EIO', 'spool-unusable'], ['ENOSPC', 'spool-full'], ['EDQUOT', 'spool-full'], [
        'EROFS',
        'spool-unusable'
      ]] as const
    ) {
      await t.test(`${code} of the ${isFolder ? 'folder' : 'file'}`, async (t) => {
        const { spool, dir, lines, clock } = await startSpool(t)
        await spool.write(batchOf(1))
        const watch = await watchSyncs(t)
        watch.failWith = (path) =>
          (path === dir) === isFolder ? Object.assign(new Error(code), { code, errno: -1 }) : undefined
        const batch = batchOf(3)
        await t.rejects(spool.write(batch), { name: 'SpoolError', code: refusal, cause: { code } })
        t.equal(filesIn(dir).length, 1)
        t.equal(spool.has(batch.id), false)
        t.equal(spool.bytes, BLOCK_BYTES)
        t.equal(spool.canWrite, false)
        t.equal(spool.totals.refused[refusal], 3)
        await t.rejects(spool.write(batch), { code: refusal })
        t.equal(lines.filter(({ event }) => event === refusal).length, 1, 'it is logged once')
        watch.failWith = undefined
        clock.elapsed += 1_000
        t.equal(spool.canWrite, true, 'after a moment it is asked again')
        await spool.write(batch)
        t.equal(filesIn(dir).length, 2)
        t.match(lines.at(-1), { event: 'spool-usable', after: refusal })
      })
    }
  }
})

import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { batchOf, cannotMount, drained, filesIn, mountMemory, nextOf, startSpool } from './setup.ts'

t.test('a folder that cannot be made refuses, and is used once it can', async (t) => {
  const folder = t.testdir({ file: '' })
  const { spool, lines } = await startSpool(t, { dir: join(folder, 'file', 'spool') })
  t.match(lines, [{ level: 50, event: 'spool-unusable', err: { code: 'spool-unusable' } }])
  t.equal(spool.canWrite, false)
  await t.rejects(spool.write(batchOf(1)), { code: 'spool-unusable', cause: { code: 'ENOTDIR' } })
  rmSync(join(folder, 'file'))
  const batch = batchOf(1)
  await spool.write(batch)
  t.equal(spool.canWrite, true)
  t.match(lines.map(({ event }) => event), ['spool-unusable', 'spool-usable'])
  t.strictSame(await drained(spool), [batch])
})

t.test('a folder without the right to write refuses and gives out what is in it', {
  skip: process.getuid?.() === 0 && 'root may write anywhere'
}, async (t) => {
  const { spool, dir } = await startSpool(t)
  const batch = batchOf(1)
  await spool.write(batch)
  chmodSync(dir, 0o500)
  try {
    const { spool: opened } = await startSpool(t, { dir })
    t.equal(opened.canWrite, false)
    await t.rejects(opened.write(batchOf(1)), { code: 'spool-unusable' })
    t.strictSame(await opened.read(nextOf(opened)!), batch)
  } finally {
    // Not in a teardown: the folder is removed before that.
    chmodSync(dir, 0o700)
  }
})

t.test('a read-only file system refuses, gives out what is in it once, and is used when it can be written again', {
  skip: cannotMount
}, async (t) => {
  const disk = mountMemory(t, 'size=1m')
  const dir = join(disk.dir, 'spool')
  const { spool: before } = await startSpool(t, { dir })
  const [fine, hurt] = [batchOf(2), batchOf(1)]
  await before.write(hurt)
  writeFileSync(join(dir, filesIn(dir)[0] as string), 'x')
  await before.write(fine)
  disk.remount('ro')
  const { spool, lines } = await startSpool(t, { dir })
  t.strictSame(new Set(lines.map(({ event }) => event)), new Set(['spool-unusable', 'spool-damaged']))
  t.equal(spool.canWrite, false)
  await t.rejects(spool.write(batchOf(1)), { code: 'spool-unusable', cause: { code: 'EROFS' } })
  t.strictSame(await drained(spool), [fine])
  t.match(lines.at(-1), { level: 50, event: 'spool-left-behind', err: { code: 'EROFS' } })
  const told = lines.length
  await spool.open()
  t.equal(nextOf(spool), undefined, 'what is in the queue is not offered again')
  t.equal(lines.length, told, 'nothing is told twice')
  disk.remount('rw')
  const batch = batchOf(1)
  await spool.write(batch)
  t.match(lines.at(-1), { event: 'spool-usable' })
  t.equal(filesIn(dir).length, 1, 'what could not leave then has left')
  t.equal(filesIn(join(dir, 'damaged')).length, 1)
  t.strictSame(await drained(spool), [batch])
})

t.test('a full disk refuses, keeps what it took, leaves nothing half-written and takes more when there is room', {
  skip: cannotMount
}, async (t) => {
  const { dir: disk } = mountMemory(t, 'size=64k')
  const dir = join(disk, 'spool')
  const { spool, lines, clock } = await startSpool(t, { dir })
  const ballast = join(disk, 'ballast')
  writeFileSync(ballast, 'x'.repeat(30_000))
  const batches = Array.from({ length: 12 }, () => batchOf(1, 1, 'x'.repeat(5_000)))
  const outcomes = await Promise.allSettled(batches.map((batch) => spool.write(batch)))
  const taken = batches.filter((_, index) => outcomes[index]?.status === 'fulfilled')
  t.ok(taken.length > 0 && taken.length < batches.length)
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') t.match(outcome.reason, { code: 'spool-full', cause: { code: 'ENOSPC' } })
  await t.rejects(spool.write(batchOf(1, 1, 'x'.repeat(60_000))), { code: 'spool-full' })
  t.equal(spool.canWrite, false)
  t.equal(filesIn(dir).length, taken.length)
  t.ok(lines.some(({ event }) => event === 'spool-full'))
  const { spool: second, lines: secondLines } = await startSpool(t, { dir })
  t.strictSame(new Set((await Promise.all([...second.entries()].map((entry) => second.read(entry))))), new Set(taken))
  t.strictSame(secondLines, [])
  rmSync(ballast)
  clock.now -= 3_600_000
  clock.elapsed += 1_000
  t.equal(spool.canWrite, true, 'a clock that was set back does not prolong the rest')
  await spool.write(batches.at(-1)!)
})

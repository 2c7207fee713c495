import { mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { BLOCK_BYTES } from '../../../services/spool/spool-entry.ts'
import { batchOf, drained, filesIn, NOON, startSpool } from './setup.ts'

const nameOf = (length: number, count: number) =>
  `01.${NOON}.${length}.1-${count}-0-0190b3f2-7c1e-7cc3-98c8-4f1a2b3c4d5e.batch`

t.test('the bound counts what files take of the disk, not what their names say', async (t) => {
  const { spool, dir } = await startSpool(t)
  const batch = batchOf(1)
  await spool.write(batch)
  const [name] = filesIn(dir) as [string]
  renameSync(join(dir, name), join(dir, name.replace(/^(\d+\.\d+)\.\d+\./, '$1.999999999999.')))
  const { spool: opened } = await startSpool(t, { dir, maxBytes: 4 * BLOCK_BYTES })
  t.equal(opened.bytes, BLOCK_BYTES)
  await opened.write(batchOf(1))
  t.equal((await drained(opened)).length, 2)
  t.equal(opened.bytes, 0)
})

t.test('a short name does not hide a long file', async (t) => {
  const { spool, dir } = await startSpool(t)
  await spool.write(batchOf(1, 1, 'x'.repeat(10 * BLOCK_BYTES)))
  const [name] = filesIn(dir) as [string]
  renameSync(join(dir, name), join(dir, name.replace(/^(\d+\.\d+)\.\d+\./, '$1.1.')))
  const { spool: opened } = await startSpool(t, { dir, maxBytes: 10 * BLOCK_BYTES })
  t.ok(opened.bytes > 10 * BLOCK_BYTES)
  await t.rejects(opened.write(batchOf(1)), { code: 'spool-full' })
})

t.test('a file of a terabyte with holes is set aside unread, and fills no spool', async (t) => {
  const dir = join(t.testdir(), 'spool')
  mkdirSync(dir)
  writeFileSync(join(dir, nameOf(999_999_999_999, 1)), '')
  truncateSync(join(dir, nameOf(999_999_999_999, 1)), 999_999_999_999)
  const { spool, lines } = await startSpool(t, { dir })
  t.match(lines, [{ event: 'spool-damaged', reason: 'too long' }])
  t.ok(spool.bytes <= BLOCK_BYTES)
  const { spool: again } = await startSpool(t, { dir })
  t.ok(again.bytes <= BLOCK_BYTES)
})

t.test('a name with more events than a batch can have is none of ours', async (t) => {
  const dir = join(t.testdir(), 'spool')
  mkdirSync(dir)
  for (const count of [0, 999_999_999]) writeFileSync(join(dir, nameOf(10, count)), 'x')
  const { spool, lines } = await startSpool(t, { dir })
  t.equal(spool.batches, 0)
  t.strictSame(lines.map(({ reason }) => reason), Array(2).fill('its name is not one of a spooled batch'))
})

t.test('a file that a link replaces is not read', async (t) => {
  const { spool, dir, lines } = await startSpool(t)
  await spool.write(batchOf(1))
  const [name] = filesIn(dir) as [string]
  const elsewhere = join(dir, '../elsewhere')
  renameSync(join(dir, name), elsewhere)
  symlinkSync(elsewhere, join(dir, name))
  t.strictSame(await drained(spool), [])
  t.match(lines, [{ event: 'spool-damaged', reason: 'ELOOP' }])
})

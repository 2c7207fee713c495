import { execFileSync } from 'node:child_process'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readSyncs, Syncs } from '../../../prove/stage/syncs.ts'

const JOURNAL = join(import.meta.dirname, '../../../rig/sync-journal.ts')

t.test('a file survives a power cut if it was synced, and its folder after that', async (t) => {
  const folder = (files: Record<string, number>) => ({ folder: '/spool', files })
  t.ok(new Syncs([{ inode: 7 }, folder({ a: 7 })]).isDurable('/spool/a', 7))
  t.notOk(new Syncs([folder({ a: 7 })]).isDurable('/spool/a', 7), 'its content is not on the disk')
  t.notOk(new Syncs([{ inode: 7 }, folder({ b: 7 })]).isDurable('/spool/a', 7), 'its name is not')
  t.notOk(new Syncs([{ inode: 7 }, folder({ a: 7 })]).isDurable('/spool/a', 8), 'another file has the name now')
})

t.test('a process records what it has synced', async (t) => {
  const dir = t.testdir({})
  const journal = join(dir, 'syncs.jsonl')
  const script = `
    import { mkdirSync } from 'node:fs'
    import { open, rename } from 'node:fs/promises'
    mkdirSync('spool')
    for (const name of ['synced', 'written']) {
      const file = await open('spool/' + name + '.writing', 'wx')
      await file.writeFile(name)
      if (name === 'synced') await file.sync()
      await file.close()
      await rename('spool/' + name + '.writing', 'spool/' + name)
    }
    const folder = await open('spool')
    await folder.sync()
    await folder.close()
  `
  writeFileSync(join(dir, 'run.mjs'), script)
  execFileSync(process.execPath, ['--import', JOURNAL, 'run.mjs'], { cwd: dir, env: { ...process.env, SYNC_JOURNAL: journal } })
  const syncs = readSyncs(journal)
  const spool = join(dir, 'spool')
  t.strictSame(
    readdirSync(spool).toSorted().map((name) => syncs.isDurable(join(spool, name), statSync(join(spool, name)).ino)),
    [true, false]
  )
  t.notOk(readSyncs(join(dir, 'absent')).isDurable('/a', 1))
})

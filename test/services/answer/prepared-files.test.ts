import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isForBrowsers, PreparedFiles } from '../../../services/answer/prepared-files.ts'

t.test('serves files from memory, and those that were edited anew', async (t) => {
  const path = join(t.testdir({ 'page.html': 'old' }), 'page.html')
  let now = 0
  const files = new PreparedFiles(new Map([['page', path]]), () => now)
  await files.load()
  const first = await files.get('page')
  t.match(first, { type: 'text/html; charset=utf-8', body: Buffer.from('old') })
  t.equal(await files.get('other'), undefined)
  writeFileSync(path, 'newer')
  t.equal(await files.get('page'), first, 'looked at once a second')
  now = 1_000
  t.equal((await files.get('page'))?.body.toString(), 'newer')
  rmSync(path)
  now = 2_000
  t.equal((await files.get('page'))?.body.toString(), 'newer', 'what the disk does not give stays')
})

t.test('knows what is for browsers', async (t) => {
  t.strictSame(['a.js', 'a.css', 'a.html', 'a.svg', 'a.d.ts', 'tsconfig.json', 'a'].map(isForBrowsers), [
    true,
    true,
    true,
    true,
    false,
    false,
    false
  ])
})

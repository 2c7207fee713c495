import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from './documents.ts'

const text = readFileSync(join(ROOT, 'docs/ARCHITECTURE.md'), 'utf8')
const [, walk = ''] = /\n## One event[^\n]*\n(.*?)\n## /s.exec(text) ?? []

t.test('names every room', async (t) => {
  const rooms = readdirSync(join(ROOT, 'services'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `services/${name}/`)
  t.strictSame([...rooms, 'plugins/', 'routes/', 'workers/'].filter((room) => !text.includes(`\`${room}\``)), [])
})

t.test('follows an event through each file once', async (t) => {
  const visited = [...walk.matchAll(/\]\(\.\.\/([\w./-]+)\)/g)].map(([, path]) => path as string)
  t.ok(visited.length > 15)
  t.strictSame(visited.filter((path, index) => visited.indexOf(path) !== index), [], 'once')
  t.equal(visited[0], 'plugins/intake.ts')
})

t.test('shows its way at a glance', async (t) => {
  t.ok(text.split('\n').length < 110, 'two pages')
  t.strictSame(text.split('\n').filter((line) => line.length > 160), [])
})

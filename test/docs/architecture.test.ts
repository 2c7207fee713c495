import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { ROOT } from './documents.ts'

const text = readFileSync(join(ROOT, 'docs/ARCHITECTURE.md'), 'utf8')
const [, walk = ''] = /\n## One event[^\n]*\n(.*?)\n## /s.exec(text) ?? []

const visited = [...walk.matchAll(/\]\(\.\.\/([\w./-]+)\)/g)].map(([, path]) => path as string)

t.test('names every room', async (t) => {
  const rooms = readdirSync(join(ROOT, 'services'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `services/${name}/`)
  t.strictSame([...rooms, 'plugins/', 'routes/', 'workers/'].filter((room) => !text.includes(`\`${room}\``)), [])
})

t.test('follows an event through each file once', async (t) => {
  t.ok(visited.length > 15)
  t.strictSame(visited.filter((path, index) => visited.indexOf(path) !== index), [], 'once')
  t.equal(visited[0], 'plugins/intake.ts')
})

/** Files that an event enters by a decorator, a registry or Redis, and by no import of a file before. */
const ENTRIES = [
  'plugins/intake.ts', 'plugins/content-types.ts', 'routes/api/v1/events/index.ts', 'services/queue/shards.ts',
  'workers/event-worker.ts', 'workers/handlers/rules.ts', 'workers/handlers/delivery.ts',
  'services/queue/queue-monitor.ts'
]

t.test('goes from each file to one that it imports, so that nobody has to turn back', async (t) => {
  const imports = (path: string) => [...readFileSync(join(ROOT, path), 'utf8').matchAll(/ from '(\.[^']+)'/g)]
    .map(([, target]) => join(dirname(path), target as string))
  const known = new Set(ENTRIES)
  const returns = visited.filter((path) => {
    const isReached = known.has(path)
    for (const target of imports(path)) known.add(target)
    return !isReached
  })
  t.strictSame(returns, [])
  t.strictSame(ENTRIES.filter((path) => !visited.includes(path)), [], 'and no entry is one that nobody visits')
})

t.test('shows its way at a glance', async (t) => {
  t.ok(text.split('\n').length < 110, 'two pages')
  t.strictSame(text.split('\n').filter((line) => line.length > 160), [])
})

import { Registry } from '@prometheus-io/client'
import t from 'tap'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { registerProcessMetrics } from '../../services/metrics/process-metrics.ts'
import { ConfigSchema } from '../../services/config/schema.ts'
import { POSTED_FIELDS, READABLE_FIELDS } from '../../services/event/fields.ts'
import { LatestEventSchema } from '../../services/receipt/latest-event.ts'
import { CONSEQUENCES } from '../../services/admission/refusal.ts'
import { grantTo, REQUEST_HEADERS } from '../../services/access/cross-origin.ts'
import { PROBLEM_SLUGS } from '../../services/problem/problem.ts'
import { startApp } from '../app.ts'
import { ReceiptSchema } from '../../services/receipt/receipt.ts'
import { printedRoutes } from '../printed-routes.ts'
import { CONFIG_DOCUMENT, withTables } from './config-tables.ts'
import {
  brokenLinks, closesItsCode, documents, mentions, mismatches, repeatedHeadings, ROOT, type Document
} from './documents.ts'

/** Words in capitals with underscores, or set to a value, that are no key of ours. */
const OTHER_CAPITALS = new Set([
  'HALF_OPEN',
  'NODE_OPTIONS',
  'NODE_ENV',
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'SPILLWAY_KEY',
  'SPILLWAY_ADMIN_URL',
  'SPILLWAY_URL',
  'SPILLWAY_TOKEN',
  'NO_COLOR'
])

/**
 * Names that a document may have though they are not in the repository: the thing appears while the service is used,
 * or stands for others.
 */
const NOT_IN_REPOSITORY = new Set(['.env', 'data/', 'node_modules/', 'test/some/file.test.ts'])

/**
 * Files of the reference page, and what is behind the job browser, whose names are not ours; and those of the
 * dashboard, which is named as a page.
 */
const FOREIGN_ROUTE = /^GET \/(?:docs\/js\/|dashboard[/*]|$)|\/\*$/

/** Claims of a JWT, which look like metrics. */
const CLAIMS = new Set(Object.entries(ConfigSchema.properties).flatMap(([key, schema]) =>
  key.endsWith('_CLAIM') ? [String(schema.default)] : []))

const all = documents()
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
  'scripts' | 'dependencies' | 'devDependencies',
  Record<string, string>
>

t.test('the documents name every environment key and no other', async (t) => {
  const words = mentions(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g, all)
  const assignments = mentions(/(?<![\w$.-])([A-Z][A-Z0-9_]+)=/g, all)
  const inCode = mentions(/`([A-Z][A-Z0-9_]+)`/g, all.filter(({ path }) => path === 'docs/BACKPRESSURE-CONFIG.md'))
  const named = new Map([...words, ...assignments, ...inCode].filter(([word]) => !OTHER_CAPITALS.has(word)))
  t.strictSame(mismatches(named, Object.keys(ConfigSchema.properties), 'environment key'), [])
})

t.test('the tables of keys and presets are those of the schema', async (t) => {
  const text = readFileSync(CONFIG_DOCUMENT, 'utf8')
  t.equal(withTables(text), text, 'node test/docs/config-tables.ts writes them anew')
})

t.test('the documents name every metric and every route, and no other', async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'all', SPOOL_CLASSES: 'critical' } })
  const supervisor = new Registry()
  registerProcessMetrics(supervisor, () => 0)
  const page = (await app.inject('/api/v1/metrics/prometheus')).body + await supervisor.metrics()
  const metrics = [...page.matchAll(/^# TYPE ((?:rule_engine|spillway)_\S+)/gm)].map(([, name]) => name as string)
  t.ok(metrics.length > 10)
  const named = mentions(/\b((?:rule_engine|spillway)_[a-z0-9_]*[a-z0-9])(?:_bucket|_sum|_count)?\b/g, all)
  t.strictSame(mismatches(new Map([...named].filter(([name]) => !CLAIMS.has(name))), metrics, 'metric'), [])

  const routes = printedRoutes(app)
    .flatMap(({ methods, path }) => methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${path}`))
    .filter((route) => !FOREIGN_ROUTE.test(route))
  t.ok(routes.length > 8)
  const paths = mentions(
    /(?<![\w./-])(?:https?:\/\/127\.0\.0\.1:\d+)?(\/(?:api\/v1|openapi\.json|dashboard\b(?!\/)|admin|docs\b(?!\/))(?:[\w/-]|(?<=\/):\w)*)/g,
    all
  )
  t.strictSame(mismatches(paths, routes.map(pathOf), 'route'), [])
  const withMethod = mentions(
    /\b(?:GET|POST|PUT|DELETE|PATCH) \/(?:api\/v1|openapi\.json|dashboard\b|admin|docs\b)(?:[\w/-]|(?<=\/):\w)*/g,
    all
  )
  t.strictSame(mismatches(withMethod, routes, 'route with this method'), [])
})

t.test('the documents list the fields of an event as its schema has them', async (t) => {
  const textOf = (path: string) => all.find((document) => document.path === path)?.text ?? ''
  const lists = [...textOf('docs/RULES.md').matchAll(/`\{ (id, [\w, ]+) \}`/g)].map(([, list]) =>
    list?.split(', ').toSorted()
  )
  t.strictSame(lists, [[...READABLE_FIELDS].toSorted(), [...READABLE_FIELDS, 'ruleId'].toSorted()])
  const posted = /^An event has a `type`[^]*?\n\n/m.exec(textOf('README.md'))?.[0] ?? ''
  const listed = /^## The latest events\n[^]*?`limit`/m.exec(textOf('docs/OPERATIONS.md'))?.[0] ?? ''
  t.strictSame(POSTED_FIELDS.filter((name) => !posted.includes(`\`${name}\``)), [], 'the README')
  t.strictSame(
    Object.keys(LatestEventSchema.properties).filter((name) => !listed.includes(`\`${name}\``)),
    [],
    'OPERATIONS.md'
  )
})

t.test('the documents name every npm script and no other', async (t) => {
  const hooks = Object.keys(manifest.scripts).filter((name) =>
    /^(pre|post)/.test(name) && name.replace(/^(pre|post)/, '') in manifest.scripts
  )
  const named = mentions(/\bnpm (?:run (?:-s )?)?((?<=run (?:-s )?)[\w:-]+|start|test)\b/g, all)
  t.strictSame(
    mismatches(named, Object.keys(manifest.scripts).filter((name) => !hooks.includes(name)), 'npm script'),
    []
  )
})

t.test('the command has one form, which a checkout runs: npx spillway', async (t) => {
  const commands = globSync('cli/commands/*.ts', { cwd: ROOT }).map((file) => basename(file, '.ts'))
  t.ok(commands.length > 5)
  const files = ['CHANGELOG.md', 'server.ts', '{cli,deploy,plugins,server,services,simulate}/**/*.{ts,yml,yaml}']
  const sources = globSync(files, { cwd: ROOT }).map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
  const bare = new RegExp(`(?<![\\w./@-]|npx )spillway (?:${commands.join('|')})\\b`, 'g')
  t.strictSame([...mentions(bare, [...all, ...sources])], [])
  const byScript = mentions(/\bnpm run -s cli\b/g, all)
  t.strictSame([...byScript], [])
  const named = mentions(/\bnpx spillway ([a-z][a-z-]*)/g, all)
  t.strictSame([...named.keys()].filter((name) => !commands.includes(name)), [], 'there is no such command')
})

t.test('the scripts that npm runs are there', async (t) => {
  const missing = Object.entries(manifest.scripts).flatMap(([name, command]) =>
    [...command.matchAll(/(?<=^|\s)[\w./-]+\.(?:m?js|ts)\b/g)].filter(([file]) => !existsSync(join(ROOT, file))).map((
      [file]
    ) => `${name}: ${file}`)
  )
  t.strictSame(missing, [])
})

t.test('the files and folders that the documents name are there', async (t) => {
  const folders = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NOT_IN_REPOSITORY.has(`${entry.name}/`))
    .map(({ name }) => name)
  const deep = mentions(new RegExp(`(?<![\\w./-])(?:${folders.join('|')})/(?:[\\w./-]*[\\w/])?`, 'g'), all)
  const top = mentions(
    /`((?:\.{0,2}\/)?[\w.-]+\.(?:ts|mjs|js|json|lua|md|ya?ml|sh)|\.env[\w.]*|[\w-]+(?:\/[\w-]+)*\/)`/g,
    all
  )
  // A bare name, such as index.ts, may stand for files of that name in any folder.
  const isThere = (path: string) =>
    existsSync(join(ROOT, path)) ||
    (!path.includes('/') && globSync(`{${folders.join(',')}}/**/${path}`, { cwd: ROOT }).length > 0)
  const missing = [...deep, ...top].filter(([path]) => !NOT_IN_REPOSITORY.has(path) && !isThere(path))
  t.strictSame(missing.map(([path, places]) => `${places.join(', ')}: there is no ${path}`), [])
  const layout = mentions(/^\| `([\w-]+)\/` \|/gm, all.filter(({ path }) => path === 'README.md'))
  t.strictSame(mismatches(layout, folders, 'folder'), [], 'the README names every folder')
})

t.test('the README lists every page of docs/', async (t) => {
  const listed = mentions(/^\| \[(docs\/[\w-]+\.md)\]\(\1\) \| \S/gm, all.filter(({ path }) => path === 'README.md'))
  t.strictSame(mismatches(listed, globSync('docs/*.md', { cwd: ROOT }), 'page'), [])
})

t.test('every direct dependency has its reason, and no other has', async (t) => {
  const named = mentions(/^\| `([^`]+)` \| \S/gm, all.filter(({ path }) => path === 'docs/dependencies.md'))
  t.strictSame(
    mismatches(named, Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }), 'dependency'),
    []
  )
})

t.test('relative links lead somewhere', async (t) => {
  const changelog = { path: 'CHANGELOG.md', text: readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8') }
  t.strictSame(
    [...all, changelog].flatMap((document) => brokenLinks(document).map((target) => `${document.path}: ${target}`)),
    []
  )
})

t.test('every block of code ends, and no heading comes twice', async (t) => {
  t.strictSame(all.filter((document) => !closesItsCode(document)).map(({ path }) => path), [])
  t.strictSame(
    all.flatMap((document) => repeatedHeadings(document).map((heading) => `${document.path}: ${heading}`)),
    []
  )
})

t.test('the documents list every status of a receipt and no other', async (t) => {
  const [table = ''] = /^\| `status` \| means \|[^]*?\n\n/m.exec(all.find(({ path }) => path === 'docs/RELIABILITY.md')!.text) ?? []
  const listed = [...table.matchAll(/^\| `([a-z-]+)` \| (?!means)/gm)].map(([, status]) => status)
  t.strictSame(listed.toSorted(), ReceiptSchema.anyOf.map(({ properties }) => properties.status.const).toSorted())
})

t.test('one page lists every problem and no other, and each is in use', async (t) => {
  const { text } = all.find(({ path }) => path === 'docs/ERRORS.md') as Document
  const [, table = ''] = /^## All other problems\n([^]*)/m.exec(text) ?? []
  const listed = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, slug]) => slug)
  t.strictSame(listed, PROBLEM_SLUGS)
  const exclude = ['services/problem/problem.ts']
  const files = globSync('{plugins,routes,server,services}/**/*.ts', { cwd: ROOT, exclude })
  const sources = files.map((path) => readFileSync(join(ROOT, path), 'utf8')).join('')
  t.strictSame(PROBLEM_SLUGS.filter((slug) => !sources.includes(`'${slug}'`)), [], 'of no use')
  const types = Object.values(CONSEQUENCES).map(({ problemType }) => (/[#:][a-z-]+$/.exec(problemType) as [string])[0])
  t.strictSame([...text.matchAll(/^\| `([#:][a-z-]+)` \|/gm)].map(([, type]) => type), [...new Set(types)])
})

t.test('the page on security names the headers that a page of another origin may read and set', async (t) => {
  const { text } = all.find(({ path }) => path === 'docs/SECURITY.md') as Document
  const [section = ''] = /^Pages of other origins can read[^]*?\n\n/m.exec(text) ?? []
  const named = [...section.matchAll(/`([\w-]+)`/g)].map(([, name]) => (name as string).toLowerCase())
  const exposed = grantTo('https://a.example', new Set(['*']))?.['access-control-expose-headers'].split(', ') ?? []
  t.ok(exposed.length > 1)
  t.strictSame([...exposed, ...REQUEST_HEADERS].filter((name) => !named.includes(name)), [])
})

t.test('every decision record has its four parts', async (t) => {
  for (const { path, text } of all.filter(({ path }) => path.startsWith('docs/decisions/'))) {
    t.match(
      text,
      new RegExp(`^# ${path.slice('docs/decisions/'.length).slice(0, 4)} `),
      `${path} begins with its number`
    )
    t.strictSame([...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading), [
      'Context',
      'Decision',
      'Consequences',
      'Alternatives'
    ], path)
  }
})

function pathOf (route: string): string {
  return route.slice(route.indexOf(' ') + 1)
}

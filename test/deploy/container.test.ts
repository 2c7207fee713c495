import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { dirname, join, normalize, relative } from 'node:path'
import t from 'tap'
import { ConfigSchema } from '../../services/config/schema.ts'
import { STOP_DEADLINE_MS } from '../../services/redis/embedded/server-processes.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const manifest = JSON.parse(read('package.json'))

interface Instruction { name: string, text: string }

/** The instructions of a Dockerfile, stage by stage, without comments and with continued lines joined. */
function stagesOf (dockerfile: string): Instruction[][] {
  const lines = dockerfile.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n/g, ' ').split('\n').filter((line) =>
    line.trim() !== ''
  )
  const stages: Instruction[][] = []
  for (const line of lines) {
    const [, name = '', text = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? []
    if (name === 'FROM') stages.push([])
    stages.at(-1)?.push({ name, text })
  }
  return stages
}

const stages = stagesOf(read('Dockerfile'))
const image = stages.at(-1) ?? []
const textsOf = (name: string, instructions: readonly Instruction[] = image) =>
  instructions.filter((instruction) => instruction.name === name).map(({ text }) => text)
const isExecForm = (text: string) => Array.isArray(JSON.parse(text))

/** Paths of the checkout that end up in the image. */
const copied = textsOf('COPY').filter((text) => !text.startsWith('--from')).flatMap((text) =>
  text.split(/\s+/).slice(0, -1)
).map((path) => path.replace(/\/$/, ''))
const isCopied = (path: string) => copied.some((entry) => path === entry || path.startsWith(`${entry}/`))

function filesBelow (path: string): string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path]
  return readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' }).map((name) => join(path, name)).filter((
    file
  ) => statSync(join(ROOT, file)).isFile())
}

/** As Docker reads it: the last line that matches decides. */
function isIgnored (path: string): boolean {
  const lines = read('.dockerignore').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.reduce((ignored, line) => {
    const pattern = line.replace(/^!/, '')
    const matcher = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(/|$)`)
    return matcher.test(path) ? !line.startsWith('!') : ignored
  }, false)
}

t.test('the image runs the service as a user of its own, in exec form', async (t) => {
  t.match(textsOf('USER'), [/^(?!root|0)\w+$/])
  t.strictSame(textsOf('CMD').map((text) => JSON.parse(text)), [['node', '--max-semi-space-size=16', 'server.ts']])
  t.strictSame(textsOf('ENTRYPOINT'), [])
})

t.test('the image has the Node.js that the tests run on', async (t) => {
  const major = manifest.devDependencies.node.split('.')[0]
  for (const stage of stages) t.match(textsOf('FROM', stage)[0], new RegExp(`^node:${major}-slim`))
})

t.test('the image has no development dependency', async (t) => {
  const installs = stages.flatMap((stage) => textsOf('RUN', stage)).filter((text) => /\bnpm\b/.test(text))
  t.match(installs, [/^npm ci .*--omit=dev/])
  t.notMatch(textsOf('RUN').join('\n'), /npm/, 'and nothing is installed in the last stage')
  t.ok(textsOf('COPY').includes('--from=dependencies /app/node_modules ./node_modules'))
})

t.test('everything that is copied exists and is not ignored', async (t) => {
  for (const stage of stages) {
    for (const text of textsOf('COPY', stage).filter((text) => !text.startsWith('--from'))) {
      for (const path of text.split(/\s+/).slice(0, -1)) {
        t.ok(existsSync(join(ROOT, path)), `${path} exists`)
        t.equal(isIgnored(path.replace(/\/$/, '')), false, `${path} is not ignored`)
      }
    }
  }
})

t.test('everything that the service imports is in the image', async (t) => {
  const missing = copied.flatMap(filesBelow).filter((file) => file.endsWith('.ts')).flatMap((file) => {
    const imports = read(file).matchAll(/(?:from |import\(|import )'(\.{1,2}\/[^']+)'/g)
    return [...imports].map(([, specifier = '']) => normalize(join(dirname(file), specifier))).filter((path) =>
      !isCopied(path) || !existsSync(join(ROOT, path))
    )
  })
  t.strictSame(missing, [])
})

t.test('everything that the service imports from packages is a dependency that is there in production', async (t) => {
  const packages = new Set(copied.flatMap(filesBelow).filter((file) => file.endsWith('.ts')).flatMap((file) => {
    const imports = read(file).matchAll(/^(?:import|export)(?! type)[^'\n]* from '([^.'][^']*)'/gm)
    return [...imports].map(([, specifier = '']) => specifier).filter((specifier) => !specifier.startsWith('node:'))
      .map((specifier) => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/'))
  }))
  t.ok(packages.has('fastify'))
  for (const name of packages) t.hasProp(manifest.dependencies, name)
})

t.test('secrets, data and history stay out of the image', async (t) => {
  for (const path of ['node_modules', 'data', '.git', '.env', '.env.local', 'test', 'data/appendonlydir'])
    t.equal(isIgnored(path), true, path)
})

t.test('the container listens to the outside and asks itself whether it is alive', async (t) => {
  t.match(textsOf('ENV').join(' '), /HOST=0\.0\.0\.0/)
  t.match(textsOf('ENV').join(' '), /ROLE=all/)
  const [command] = textsOf('HEALTHCHECK').map((text) => text.replace(/^.*? CMD /, ''))
  t.ok(isExecForm(command ?? ''))
  t.ok(isCopied((JSON.parse(command ?? '[]') as string[]).at(-1) ?? ''))
})

t.test('the health check follows ROLE and the port of that role', async (t) => {
  let status = 200
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.url)
    response.writeHead(status).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const port = String((server.address() as AddressInfo).port)
  const check = async (env: Record<string, string>) => {
    const child = spawn(process.execPath, ['scripts/healthcheck.ts'], { cwd: ROOT, env, stdio: 'inherit' })
    return (await once(child, 'exit'))[0]
  }
  t.equal(await check({ PORT: port }), 0)
  t.equal(await check({ ROLE: 'worker', WORKER_PORT: port, PORT: '1' }), 0)
  t.strictSame(asked, ['/api/v1/health/liveness', '/api/v1/health/liveness'])
  t.equal(await check({ PORT: '1' }), 1)
  status = 503
  t.equal(await check({ PORT: port }), 1)
})

/** The part of compose.yaml below a key, found by its indentation. */
function composeBlock (key: string, indentation: number): string {
  const lines = read('compose.yaml').split('\n')
  const start = lines.findIndex((line) => line.startsWith(`${' '.repeat(indentation)}${key}:`))
  const rest = lines.slice(start + 1)
  const length = rest.findIndex((line) => line.trim() !== '' && !line.startsWith(' '.repeat(indentation + 1)))
  return rest.slice(0, length === -1 ? undefined : length).join('\n')
}

t.test('compose runs Redis as a queue needs it', async (t) => {
  const redis = composeBlock('redis', 2)
  t.match(redis, /image: redis:7\b/)
  t.match(redis, /"--appendonly", "yes"/)
  t.match(redis, /"--maxmemory-policy", "noeviction"/)
  t.match(redis, /redis-data:\/data/)
  t.match(redis, /healthcheck:\n\s+test: \["CMD", "redis-cli", "ping"\]/)
  t.notMatch(redis, /ports:/)
})

t.test('compose runs an API and a worker on that Redis', async (t) => {
  t.match(composeBlock('x-spillway', 0), /condition: service_healthy/)
  for (const role of ['api', 'worker']) {
    const service = composeBlock(role, 2)
    t.match(service, new RegExp(`ROLE: ${role}\\n`))
    t.match(service, /REDIS_URL: redis:\/\/redis:6379\n/)
    t.match(service, /^ {6}<<: \*events\n/m, 'with the keys of where events go')
    const keys = [...service.matchAll(/^ {6}([A-Z_]+):/gm)].map(([, key]) => key ?? '')
    t.ok(keys.length > 0)
    for (const key of keys) t.hasProp(ConfigSchema.properties, key)
  }
})

const WHERE_EVENTS_GO = ['DELIVERY_URL', 'DELIVERY_SECRET', 'RULES_FILE', 'WITHOUT_HANDLER']

t.test('compose hands on to both roles where events go', async (t) => {
  const keys = [...composeBlock('x-events', 0).matchAll(/^ {2}([A-Z_]+): \$\{([A-Z_]+):-\}$/gm)].map(
    ([, key, variable]) => [key, variable]
  )
  t.strictSame(keys, WHERE_EVENTS_GO.map((key) => [key, key]))
})

t.test('compose publishes ports on the loopback address only', async (t) => {
  const mappings = [...read('compose.yaml').matchAll(/^\s+- "?([\d.:]*\d+:\d+)"?$/gm)].map(([, mapping]) => mapping)
  t.ok(mappings.length > 0)
  for (const mapping of mappings) t.match(mapping, /^127\.0\.0\.1:/)
})

t.test('pm2 runs an API and a worker, and waits for them to stop', async (t) => {
  const { SHUTDOWN_DELAY_MS, SHUTDOWN_DEADLINE_MS } = ConfigSchema.properties
  const { apps } = createRequire(import.meta.url)(join(ROOT, 'ecosystem.config.cjs'))
  t.strictSame(apps.map(({ env }: { env: object }) => env), [{ ROLE: 'api' }, { ROLE: 'worker' }])
  t.equal(new Set(apps.map(({ name }: { name: string }) => name)).size, 2)
  for (const { cwd, script, kill_timeout: killTimeout, treekill } of apps) {
    t.equal(relative(ROOT, join(cwd, script)), 'server.mjs')
    t.ok(existsSync(join(cwd, script)))
    t.ok(killTimeout > SHUTDOWN_DELAY_MS.default + SHUTDOWN_DEADLINE_MS.default + STOP_DEADLINE_MS)
    t.equal(treekill, false)
  }
})

import t from 'tap'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const oxlint = join(root, 'node_modules/oxlint/bin/oxlint')

interface Diagnostic {
  message: string
  code: string
  filename: string
}

function lint (folder: string): Promise<Diagnostic[]> {
  return new Promise((resolve, reject) => {
    // tap puts its loader into the NODE_OPTIONS of every child, and oxlint does not start under it.
    const command = ['-u', 'NODE_OPTIONS', process.execPath, oxlint, '--deny-warnings', '--format=json']
    execFile('env', command, { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      try {
        resolve((JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics)
      } catch {
        reject(new Error(`oxlint failed: ${stdout}${stderr}`, { cause: error }))
      }
    })
  })
}

const imports = (specifier: string) => `import { value } from '${specifier}'\n\nexport const used = value\n`
const importsType = (specifier: string) => `import type { Value } from '${specifier}'\n\nexport type Used = Value\n`
const reexports = (specifier: string) => `export { value } from '${specifier}'\n`
const importsLate = (specifier: string) => `export const load = () => import('${specifier}')\n`
const evaluates = (expression: string) => `export const used = () => ${expression}\n`

const IMPORT = 'eslint(no-restricted-imports)'
const GLOBAL = 'eslint(no-restricted-globals)'
const PROPERTY = 'eslint(no-restricted-properties)'
const UNDEFINED = 'eslint(no-undef)'
const CYCLE = 'import(no-cycle)'

/** File, its content, the rule that refuses it. */
const OFFENDERS: [file: string, content: string, code: string][] = [
  ['app.ts', imports('./server.ts'), IMPORT],
  ['plugins/to-builder.ts', imports('../server/build-server.ts'), IMPORT],
  ['server/environment.ts', evaluates('process.env.PORT'), PROPERTY],
  ['server/to-worker.ts', imports('../workers/worker.ts'), IMPORT],
  ['plugins/to-app.ts', imports('../app.ts'), IMPORT],
  ['plugins/to-server.ts', imports('../server.ts'), IMPORT],
  ['plugins/to-route.ts', imports('../routes/health/index.ts'), IMPORT],
  ['plugins/to-worker.ts', importsType('../workers/handler.ts'), IMPORT],
  ['plugins/to-bullmq.ts', imports('bullmq'), IMPORT],
  ['plugins/to-ioredis.ts', importsType('ioredis'), IMPORT],
  ['plugins/to-process.ts', imports('node:process'), IMPORT],
  ['routes/api/to-plugin.ts', imports('../../plugins/queue.ts'), IMPORT],
  ['routes/api/to-queue.ts', imports('../../services/queue/shards.ts'), IMPORT],
  ['routes/api/v1/events/to-redis.ts', imports('../../../../services/redis/connection.ts'), IMPORT],
  ['routes/api/v1/events/to-plugin.ts', imports('../../../../plugins/queue.ts'), IMPORT],
  ['routes/api/to-worker.ts', imports('../../workers/worker.ts'), IMPORT],
  ['routes/api/to-app.ts', importsType('../../app.ts'), IMPORT],
  ['routes/api/to-bullmq.ts', imports('bullmq'), IMPORT],
  ['routes/api/to-ioredis.ts', imports('ioredis'), IMPORT],
  ['workers/to-plugin.ts', imports('../plugins/queue.ts'), IMPORT],
  ['workers/to-route.ts', imports('../routes/api/index.ts'), IMPORT],
  ['workers/handlers/to-app.ts', imports('../../app.ts'), IMPORT],
  ['workers/to-fastify.ts', importsType('fastify'), IMPORT],
  ['services/rules/to-fastify.ts', importsType('fastify'), IMPORT],
  ['services/rules/to-fastify-plugin.ts', imports('fastify-plugin'), IMPORT],
  ['services/rules/to-scoped-fastify.ts', imports('@fastify/autoload'), IMPORT],
  ['services/rules/to-plugin.ts', reexports('../../plugins/queue.ts'), IMPORT],
  ['services/rules/to-route.ts', importsLate('../../routes/api/index.ts'), IMPORT],
  ['services/rules/to-worker.ts', importsType('../../workers/handler.ts'), IMPORT],
  ['services/rules/actions/to-worker.ts', importsType('../../../workers/handler.ts'), IMPORT],
  ['services/rules/to-server.ts', imports('../../server.ts'), IMPORT],
  ['services/rules/to-bullmq.ts', imports('bullmq'), IMPORT],
  ['services/rules/to-ioredis.ts', imports('ioredis/built/cluster/index.js'), IMPORT],
  ['services/redis/to-bullmq.ts', imports('bullmq'), IMPORT],
  ['services/redis/to-plugin.ts', imports('../../plugins/queue.ts'), IMPORT],
  ['services/dead-letters/to-bullmq.ts', imports('bullmq'), IMPORT],
  ['services/settings/to-bullmq.ts', imports('bullmq'), IMPORT],
  ['services/forecast/to-bullmq.ts', imports('bullmq'), IMPORT],
  ['services/dead-letters/to-worker.ts', importsType('../../workers/handler.ts'), IMPORT],
  ['services/dead-letters/to-fastify.ts', importsType('fastify'), IMPORT],
  ['services/queue/to-bullmq.ts', imports('bullmq'), IMPORT],
  ['services/queue/bullmq/to-fastify.ts', imports('fastify'), IMPORT],
  ['services/queue/bullmq/to-worker.ts', imports('../../../workers/worker.ts'), IMPORT],
  ['services/queue/to-fastify.ts', imports('fastify'), IMPORT],
  ['services/queue/to-worker.ts', imports('../../workers/worker.ts'), IMPORT],
  ['clients/typescript/to-package.ts', imports('ioredis'), IMPORT],
  ['clients/typescript/to-node.ts', imports('node:crypto'), IMPORT],
  ['clients/typescript/to-service.ts', importsType('../../services/event/event.ts'), IMPORT],
  ['examples/fleet/to-service.ts', imports('../../services/event/event.ts'), IMPORT],
  ['examples/fleet/to-app.ts', imports('../../app.ts'), IMPORT],
  ['examples/fleet/to-ioredis.ts', imports('ioredis'), IMPORT],
  ['cli/commands/to-ioredis.ts', imports('ioredis'), IMPORT],
  ['cli/commands/to-app.ts', imports('../../app.ts'), IMPORT],
  ['cli/commands/to-plugin.ts', importsType('../../plugins/queue.ts'), IMPORT],
  ['cli/commands/to-queue.ts', imports('../../services/queue/shards.ts'), IMPORT],
  ['cli/commands/to-redis.ts', importsType('../../services/redis/connection.ts'), IMPORT],
  ['cli/commands/environment.ts', evaluates('process.env.HOME'), PROPERTY],
  ['cli/doctor/to-bullmq.ts', imports('bullmq'), IMPORT],
  ['cli/doctor/to-worker.ts', imports('../../workers/worker.ts'), IMPORT],
  ['services/admission/to-service.ts', importsType('../event/event.ts'), IMPORT],
  ['services/admission/to-node.ts', imports('node:crypto'), IMPORT],
  ['services/admission/to-package.ts', imports('pino'), IMPORT],
  ['services/admission/policies/to-service.ts', imports('../../event/event.ts'), IMPORT],
  ['services/admission/policies/to-node.ts', imports('node:os'), IMPORT],
  ['services/admission/clock.ts', evaluates('Date.now()'), GLOBAL],
  ['services/admission/timer.ts', evaluates('setTimeout'), GLOBAL],
  ['services/status/memory.ts', evaluates('process.memoryUsage()'), PROPERTY],
  ['plugins/resident.ts', evaluates('process.memoryUsage.rss()'), PROPERTY],
  ['services/admission/process.ts', evaluates('process.memoryUsage()'), GLOBAL],
  ['services/admission/policies/clock.ts', evaluates('performance.now()'), GLOBAL],
  ['services/admission/random.ts', evaluates('Math.random()'), PROPERTY],
  ['services/control/forecast/to-service.ts', imports('../../event/event.ts'), IMPORT],
  ['services/control/forecast/candidates/to-service.ts', imports('../../../event/event.ts'), IMPORT],
  ['services/control/forecast/candidates/clock.ts', evaluates('Date.now()'), GLOBAL],
  ['services/control/forecast/random.ts', evaluates('Math.random()'), PROPERTY],
  ['services/admission/to-control.ts', imports('../control/capacity.ts'), IMPORT],
  ['services/admission/to-organizations.ts', imports('../organizations/bucket.ts'), IMPORT],
  ['services/organizations/to-service.ts', importsType('../fleet/member.ts'), IMPORT],
  ['services/organizations/to-node.ts', imports('node:crypto'), IMPORT],
  ['services/organizations/clock.ts', evaluates('Date.now()'), GLOBAL],
  ['services/control/to-service.ts', importsType('../queue/reading.ts'), IMPORT],
  ['services/control/to-policy.ts', imports('../admission/policies/queue-full.ts'), IMPORT],
  ['services/control/to-plugin.ts', imports('../../plugins/queue.ts'), IMPORT],
  ['services/control/to-node.ts', imports('node:crypto'), IMPORT],
  ['services/control/to-package.ts', imports('pino'), IMPORT],
  ['services/control/clock.ts', evaluates('Date.now()'), GLOBAL],
  ['services/control/timer.ts', evaluates('setTimeout'), GLOBAL],
  ['services/control/random.ts', evaluates('Math.random()'), PROPERTY],
  ['prove/to-server.ts', imports('../server.ts'), IMPORT],
  ['prove/to-test.ts', imports('../test/app.ts'), IMPORT],
  ['prove/to-service.ts', importsType('../services/event/event.ts'), IMPORT],
  ['prove/faults/to-queue.ts', imports('../../services/queue/keys.ts'), IMPORT],
  ['prove/to-ioredis.ts', imports('ioredis'), IMPORT],
  ['attack/to-service.ts', importsType('../services/event/event.ts'), IMPORT],
  ['attack/attacks/to-test.ts', imports('../../test/app.ts'), IMPORT],
  ['services/rules/to-proof.ts', imports('../../prove/checker.ts'), IMPORT],
  ['services/rules/to-rig.ts', imports('../../rig/redis.ts'), IMPORT],
  ['rig/to-test.ts', imports('../test/app.ts'), IMPORT],
  ['simulate/to-queue.ts', imports('../services/queue/keys.ts'), IMPORT],
  ['simulate/to-cli.ts', imports('../cli/main.ts'), IMPORT],
  ['simulate/world/to-date.ts', evaluates('Date.now()'), GLOBAL],
  ['simulate/world/to-random.ts', evaluates('Math.random()'), PROPERTY],
  ['rig/to-bench.ts', importsType('../bench/result.ts'), IMPORT],
  ['rig/to-app.ts', imports('../app.ts'), IMPORT],
  ['rig/load/to-service.ts', importsType('../../services/event/event.ts'), IMPORT],
  ['rig/to-bullmq.ts', imports('bullmq'), IMPORT],
  ['dashboard/to-service.js', imports('../services/event/event.ts'), IMPORT],
  ['dashboard/figures/to-service.js', imports('../../services/event/event.js'), IMPORT],
  ['dashboard/to-package.js', imports('uplot'), IMPORT],
  ['dashboard/to-node.js', imports('node:fs'), IMPORT],
  ['dashboard/buffer.js', evaluates('Buffer'), UNDEFINED],
  ['services/rules/environment.ts', evaluates('process.env.PORT'), PROPERTY],
  ['workers/environment.ts', evaluates("process['env']"), PROPERTY],
  ['routes/api/environment.ts', 'const { env } = process\n\nexport const used = env\n', PROPERTY],
  ['plugins/environment.ts', evaluates('globalThis.process.env'), PROPERTY],
  ['services/cycle/first.ts', imports('./second.ts'), CYCLE],
  ['services/cycle/second.ts', 'import type { used } from \'./first.ts\'\n\nexport const value: typeof used = 1\n', CYCLE]
]

const CLEAN: [file: string, content: string][] = [
  ['server.ts', `import { value } from './workers/worker.ts'\n\nexport const used = [value, process.env]\n`],
  ['scripts/environment.ts', evaluates('process.env.PORT')],
  ['prove/environment.ts', evaluates('process.env.PATH')],
  ['prove/to-rig.ts', imports('../rig/redis.ts')],
  ['rig/environment.ts', evaluates('process.env.PATH')],
  ['attack/to-rig.ts', imports('../rig/redis.ts')],
  ['prove/registry.ts', imports('../services/registry/load-folder.ts')],
  ['dashboard/main.js', `import { value } from './figures/format.js'\n\nexport const used = [value, document.body, uPlot]\n`],
  ['dashboard/figures/format.js', imports('../element.js')],
  ['plugins/queue.ts', imports('../services/queue/shards.ts')],
  ['plugins/metrics.ts', imports('fastify-plugin')],
  ['plugins/after.ts', importsType('./queue.ts')],
  ['routes/api/index.ts', imports('../../services/event/event.ts')],
  ['routes/api/decorator.ts', importsType('../../plugins/queue.ts')],
  ['routes/api/queue.ts', importsType('../../services/queue/shards.ts')],
  ['routes/api/keys.ts', imports('../../services/queue/keys.ts')],
  ['workers/worker.ts', imports('bullmq')],
  ['workers/connection.ts', imports('ioredis')],
  ['workers/handlers/deliver.ts', imports('../../services/event/event.ts')],
  ['services/event/event.ts', 'export const value = 1\n'],
  ['clients/typescript/client.ts', imports('./spool.ts')],
  ['examples/fleet/fleet.ts', imports('../../clients/typescript/client.ts')],
  ['cli/main.ts', evaluates('process.env.HOME')],
  ['cli/commands/send.ts', imports('../../clients/typescript/client.ts')],
  ['cli/commands/config.ts', imports('../../services/config/load-config.ts')],
  ['cli/commands/registry.ts', imports('../../services/registry/load-folder.ts')],
  ['cli/doctor/gather/redis.ts', imports('ioredis')],
  ['cli/doctor/gather/socket.ts', imports('../../../services/redis/connection.ts')],
  ['services/rules/rule.ts', imports('../event/event.ts')],
  ['services/rules/workers.ts', imports('../workers/registry.ts')],
  ['services/redis/connection.ts', imports('ioredis')],
  ['services/dead-letters/dead-letter-store.ts', importsType('ioredis')],
  ['services/settings/settings-store.ts', importsType('ioredis')],
  ['services/forecast/forecasting.ts', importsType('ioredis')],
  ['services/queue/bullmq/batch-queue.ts', imports('bullmq')],
  ['services/queue/shards.ts', imports('./bullmq/batch-queue.ts')],
  ['services/queue/connection.ts', imports('ioredis')],
  ['services/admission/circuit.ts', imports('./thresholds.ts')],
  ['services/admission/policies/quota.ts', imports('@sinclair/typebox')],
  ['services/admission/policies/queue-full.ts', imports('../circuit.ts')],
  ['services/admission/policies/organizations.ts', imports('../../organizations/bucket.ts')],
  ['services/organizations/bucket.ts', importsType('../admission/offer.ts')],
  ['services/control/wait.ts', imports('../admission/time-to-drain.ts')],
  ['services/control/rate.ts', imports('./window.ts')]
]

t.test('the import directions are enforced', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-lint-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await cp(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  for (const [file, content] of [...OFFENDERS, ...CLEAN]) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), content)
  }
  const codes = Map.groupBy(await lint(folder), ({ filename }) => filename)
  const codesOf = (file: string) => [...new Set(codes.get(file)?.map(({ code }) => code))]

  for (const [file, , code] of OFFENDERS) t.strictSame(codesOf(file), [code], `refuses ${file}`)
  for (const [file] of CLEAN) t.strictSame(codesOf(file), [], `passes ${file}`)
})

t.test('the tree itself passes', async (t) => {
  t.strictSame((await lint(root)).map(({ filename, code, message }) => `${filename}: ${code} ${message}`), [])
})

import t from 'tap'
import { join } from 'node:path'
import { EXIT } from '../../../cli/exit-code.ts'
import type { NamedFinding } from '../../../cli/doctor/report.ts'
import { keyPatternOf } from '../../../services/queue/keys.ts'
import { DONE } from '../../../services/event/outcome.ts'
import { eventHandler, post, startApp } from '../../app.ts'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis } from '../../../rig/redis.ts'
import { refusedUrl } from '../../../rig/consumer.ts'
import { listen, runCli } from '../run-cli.ts'

const PATH = process.env.PATH as string
const nobody = async () => ({ SPILLWAY_URL: new URL(await refusedUrl()).origin, PATH })

interface Report { findings: NamedFinding[], error: number, warning: number, ok: number }

t.test('on a Redis that evicts, keeps nothing and is too small it names all three and what to do', async (t) => {
  const redis = await startRedis(t, { extraArgs: ['--maxmemory-policy', 'allkeys-lru', '--maxmemory', '50mb'] })
  const env = { ...await nobody(), REDIS_URL: redis.url, DATA_DIR: join(redis.folder, 'data') }
  const { code, out } = await runCli(['doctor'], { env })
  t.equal(code, EXIT.failed)
  t.match(out, /✗ eviction policy allkeys-lru[^]*CONFIG SET maxmemory-policy noeviction/)
  t.match(out, /✗ no persistence[^]*CONFIG SET appendonly yes/)
  t.match(out, /✗ maxmemory 50\.0 MiB is too little[^]*CONFIG SET maxmemory \d+/)
  const report = (await runCli(['doctor', '--json'], { env })).json() as unknown as Report
  t.strictSame(report.findings.filter(({ severity }) => severity === 'error').map(({ check }) => check), [
    'eviction-policy',
    'memory',
    'persistence'
  ])
  t.equal(report.error, 3)
})

t.test('it says what to do, and when that is done there is no error left; nothing was written', async (t) => {
  const redis = await startRedis(t, { extraArgs: ['--maxmemory-policy', 'allkeys-lru', '--maxmemory', '50mb'] })
  const { app } = await startApp(t, { redis })
  const env = { ...await listen(app), PATH, REDIS_URL: redis.url, DATA_DIR: join(redis.folder, 'data') }
  const { probe } = app.queue.keys
  const before = (await runCli(['doctor', '--json'], { env })).json() as unknown as Report
  for (const { severity, remedy = '' } of before.findings) {
    const [, name, value] = /CONFIG SET ([a-z-]+) ([a-z0-9]+)/.exec(remedy) ?? []
    if (severity === 'error' && name !== undefined && value !== undefined) await app.redis.config('SET', name, value)
  }
  const after = await runCli(['doctor', '--json'], { env })
  t.strictSame((after.json() as unknown as Report).findings.filter(({ severity }) => severity === 'error'), [])
  t.equal(after.code, EXIT.ok)
  t.match(after.json(), { findings: [], ok: Number })
  t.equal(await app.redis.exists(probe), 0)
})

t.test('where CONFIG and INFO are forbidden it says what is unknown and how to find out', async (t) => {
  const redis = await startRedis(t, {
    extraArgs: [
      '--user',
      'default',
      'on',
      'nopass',
      keyPatternOf('spillway'),
      '&*',
      '+@all',
      '-config',
      '-info',
      '-client'
    ]
  })
  const report =
    (await runCli(['doctor', '--json'], { env: { ...await nobody(), REDIS_URL: redis.url, DATA_DIR: redis.folder } }))
      .json() as unknown as Report
  for (const check of ['eviction-policy', 'persistence', 'memory', 'redis-connections']) {
    t.match(report.findings.find((finding) => finding.check === check), {
      severity: 'warning',
      what: /unknown/,
      remedy: /provider/
    })
  }
  t.match(report.findings.filter(({ check }) => check === 'redis-permissions'), [
    { severity: 'error', what: /refuses 1 needed command: info:/ },
    { severity: 'warning', what: /client\|list/ },
    { severity: 'warning', what: /client\|setname/ },
    { severity: 'warning', what: /config\|get/ }
  ])
})

t.test('a unix socket with a login and a database serves API, worker and doctor alike, and its password is not shown', async (t) => {
  const login = [
    '--user',
    'default',
    'on',
    'nopass',
    '-@all',
    '+ping',
    '--user',
    'spill',
    'on',
    '>s@cret',
    '~*',
    '&*',
    '+@all'
  ]
  const redis = await startRedis(t, { extraArgs: login })
  const REDIS_URL = `unix://spill:s%40cret@${redis.path}?db=2`
  const handled: string[] = []
  const { app } = await startApp(t, {
    redis,
    env: { REDIS_URL, ROLE: 'all' },
    handlers: [eventHandler(({ id }) => {
      handled.push(id)
      return DONE
    })]
  })
  t.equal((await post(app, { type: 'a', payload: 1, id: 'there' }, { 'x-event-durability': 'queued' })).statusCode, 202)
  await eventually('it is handled', () => handled.includes('there'))
  t.match(await app.redis.info('keyspace'), /^# Keyspace\r\ndb2:[^\n]*\n$/, 'nothing is in another database')
  const { out } = await runCli(['doctor'], {
    env: { ...await listen(app), PATH, REDIS_URL: `${REDIS_URL}\n`, DATA_DIR: redis.folder }
  })
  t.match(out, `✓ Redis answers at unix://***@${redis.path}?***`)
  t.match(out, /! REDIS_URL has white space around it/)
  t.notMatch(out, /s@cret|s%40cret/)
})

t.test('a running installation with an embedded Redis is looked at through its folder', async (t) => {
  const { app, redis } = await startApp(t)
  const listening = await listen(app)
  await eventually('the service has read its queue', () => app.backpressure.signals.isDepthKnown)
  const report = (await runCli(['doctor', '--json'], { env: { ...listening, PATH, DATA_DIR: redis.folder } }))
    .json() as unknown as Report
  // The Redis of the test has its socket where the embedded one would have it.
  t.match(report.findings.find(({ check }) => check === 'redis-reachable'), { severity: 'ok', what: /embedded/ })
  t.match(report.findings.find(({ check }) => check === 'service'), { severity: 'warning', what: /no worker/ })
})

t.test('an environment that no service would start with is all that is said', async (t) => {
  const { code, out } = await runCli(['doctor'], { env: { QUEUE_HARD_LIMIT: '5', PORT: 'x' } })
  t.equal(code, EXIT.failed)
  t.match(out, /✗ PORT is "x"[^]*✗ QUEUE_HARD_LIMIT is "5"[^]*\n2 errors, 0 warnings, 0 ok/)
})

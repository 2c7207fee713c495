import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newKey } from '../services/producer/key-text.ts'
import { newConnection } from '../services/redis/connection.ts'
import { eventually } from '../rig/eventually.ts'
import { freePort } from '../rig/free-port.ts'
import { startRedis } from '../rig/redis.ts'
import { startServer } from '../rig/spawned-server.ts'
import { runServer } from './run-server.ts'

t.test('a wrong configuration stops the start and every bad key is listed in one message', async (t) => {
  const { code, stdout, stderr } = await runServer({
    PORT: 'http',
    ENABLE_BACKPRESSURE: 'yes',
    EVENT_ATTEMPTS: '0',
    QUEUE_WARNING_THRESHOLD: '60000',
    DELIVERY_SECRET: 'short'
  })
  t.equal(code, 1)
  t.equal(stdout, '')
  for (
    const line of [
      '  PORT: given "http", allowed: integer from 0 to 65535',
      '  ENABLE_BACKPRESSURE: given "yes", allowed: one of true, false, observe',
      '  EVENT_ATTEMPTS: given "0", allowed: integer from 1 to 1000'
    ]
  ) t.ok(stderr.includes(line), line)
  for (const key of ['QUEUE_WARNING_THRESHOLD', 'DELIVERY_SECRET'])
    t.match(stderr, new RegExp(`^  ${key}: given `, 'm'))
  t.notOk(stderr.includes('short'), 'a secret is not printed')
})

t.test('a port that is taken stops the start and leaves no Redis behind', async (t) => {
  const redis = await startRedis(t)
  const { url } = await startServer(t, { REDIS_URL: redis.url, ROLE: 'api' })
  const dataDir = t.testdir()
  const { code, stdout } = await runServer({ PORT: new URL(url).port, DATA_DIR: dataDir })
  t.equal(code, 1)
  const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  t.match(lines.at(-1), { level: 60, event: 'start-failed', err: { code: 'EADDRINUSE' } })
  t.equal(
    lines.at(-1)?.msg,
    `port ${new URL(url).port} of 127.0.0.1 is in use by another process; stop that process, or set PORT to a free port`
  )
  t.notOk(lines.some(({ event }) => event === 'queue-unavailable'), 'a connection that is closed in order is not lost')
  t.notOk(existsSync(join(dataDir, 'redis.sock')))
})

t.test('an ADMIN_PORT that is taken stops the start, before PORT accepts anything', async (t) => {
  const redis = await startRedis(t)
  const { url } = await startServer(t, { REDIS_URL: redis.url, ROLE: 'api' })
  const { code, stdout } = await runServer({
    PORT: '0', ADMIN_PORT: new URL(url).port, REDIS_URL: redis.url, DATA_DIR: t.testdir()
  })
  t.equal(code, 1)
  const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  t.match(lines.at(-1), {
    event: 'start-failed', err: { code: 'EADDRINUSE' }, msg: /is in use by another process; .* set ADMIN_PORT to a free port$/
  })
  t.notOk(lines.some(({ event }) => event === 'started'))
})

t.test('the start names both addresses, and a person is sent to the right one', async (t) => {
  const redis = await startRedis(t)
  const { url, log, printed } = await startServer(t, {
    REDIS_URL: redis.url, ADMIN_PORT: '0', npm_lifecycle_event: 'start'
  })
  const { adminUrl, msg } = log.find(({ event }) => event === 'started') as Record<string, string>
  t.equal(msg, `Spillway is listening at ${url}, and for operators at ${adminUrl}`)
  await eventually('the banner is printed', () => printed.some((line) => line.endsWith(`${adminUrl}/docs`)))
  for (const text of [`curl -i ${url}/api/v1/events`, `tail --payload --url ${adminUrl}`, `   ${adminUrl}/dashboard`])
    t.ok(printed.some((line) => line.includes(text)), text)
})

t.test('a person is shown where a key and a token go, and no secret', async (t) => {
  const redis = await startRedis(t)
  const path = join(redis.folder, 'keys.json')
  const { key, id } = newKey()
  writeFileSync(path, JSON.stringify([{ key, name: 'sensors', organizationId: 'acme', scopes: ['ingest'] }]))
  const { url, printed } = await startServer(t, {
    REDIS_URL: redis.url, API_KEYS_FILE: path, npm_lifecycle_event: 'start'
  })
  await eventually('the banner is printed', () => printed.some((line) => line.endsWith(`${url}/docs`)))
  const banner = printed.join('\n')
  t.match(banner, `curl -i ${url}/api/v1/events -H "authorization: Bearer $SPILLWAY_KEY" -H 'content-type`)
  t.match(banner, 'Set SPILLWAY_KEY to an API key')
  t.notMatch(banner, id)
  const [line = ''] = printed.filter((text) => text.includes('curl -i'))
  const command = line.slice(line.indexOf('curl'))
  const env = { PATH: process.env.PATH, SPILLWAY_KEY: key }
  const said = spawnSync('sh', ['-c', command], { encoding: 'utf8', env })
  t.match(said.stdout, /^HTTP\/1\.1 202 /, 'the command works as it is shown')
})

t.test('a Redis that cannot be reached is named at the start, with what to do', async (t) => {
  const port = String(await freePort())
  const { log, printed, url } = await startServer(t, {
    REDIS_URL: `redis://127.0.0.1:${port}`,
    npm_lifecycle_event: 'start'
  })
  t.match(
    await eventually('the banner is printed', () => printed.find((line) => line.includes('npx spillway doctor'))),
    new RegExp(`^  See why, and what to do   npx spillway doctor --url ${url}$`)
  )
  t.match(
    log.find(({ event }) => event === 'redis-error')?.msg,
    /^Redis cannot be used; check that it runs, that REDIS_URL is right/
  )
})

t.test('a warning that a library prints about Redis is a line of the log', async (t) => {
  const redis = await startRedis(t)
  const connection = newConnection(redis.url, {})
  t.teardown(() => connection.disconnect())
  await connection.call('ACL', 'SETUSER', 'uninformed', 'on', '>password', '~*', '&*', '+@all', '-info')
  const { log, printed, stderr } = await startServer(t, {
    REDIS_URL: redis.url.replace('//', '//uninformed:password@'),
    ROLE: 'api'
  })
  const warned = await eventually('it is in the log', () => log.find(({ event }) => event === 'library-message'))
  t.match(warned, { level: 40, text: /^Skipping the ready check because INFO command fails/ })
  t.notMatch(`${printed.join('\n')}${stderr()}`, /ready check/)
})

t.test('a handler that cannot be made stops the start with its reason', async (t) => {
  const redis = await startRedis(t)
  const { code, stdout } = await runServer({
    REDIS_URL: redis.url,
    PORT: '0',
    RULES_FILE: join(t.testdir(), 'none.json')
  })
  t.equal(code, 1)
  t.match(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''), { event: 'start-failed', msg: /none\.json/ })
})

t.test('a token from a file is taken without its line break, and the start says so', async (t) => {
  const redis = await startRedis(t)
  const token = 'schlüssel-der-operatoren'
  const { log, url } = await startServer(t, { REDIS_URL: `${redis.url}\n`, ROLE: 'api\n', ADMIN_TOKEN: `${token}\r\n` })
  t.strictSame(log.filter(({ event }) => event === 'value-trimmed').map(({ level, key }) => [level, key]), [
    [40, 'ROLE'],
    [40, 'ADMIN_TOKEN'],
    [40, 'REDIS_URL']
  ])
  const authorization = `Bearer ${Buffer.from(token).toString('latin1')}`
  t.equal((await fetch(`${url}/api/v1/dead-letters`, { headers: { authorization } })).status, 200)
  t.equal((await fetch(`${url}/api/v1/dead-letters`)).status, 401)
})

t.test('no line of the log steers a terminal, whatever a rule logs of an event', async (t) => {
  const redis = await startRedis(t)
  const rules = join(redis.folder, 'rules.json')
  writeFileSync(
    rules,
    JSON.stringify({ rules: [{ id: 'tell', when: true, actions: [{ log: { level: 'info', message: 'seen' } }] }] })
  )
  const server = await startServer(t, { REDIS_URL: redis.url, RULES_FILE: rules })
  let printed = ''
  server.child.stdout?.on('data', (chunk: Buffer) => { printed += chunk.toString() })
  const type = 'x\u009B31m\u202E\u007F'
  const body = JSON.stringify({ type, payload: 1 })
  t.equal(
    (await fetch(`${server.url}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body
    })).status,
    202
  )
  await eventually(
    'the rule has logged it',
    () => server.log.some(({ event, eventType }) => event === 'rule-log' && eventType === type)
  )
  t.match(printed, 'rule-log')
  t.notMatch(printed.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
})

t.test('says at the start where it listens, with which configuration, and which keys it does not know', async (t) => {
  const redis = await startRedis(t)
  const { log, url } = await startServer(t, {
    REDIS_URL: redis.url,
    QUEUE_CRITICAL_TRESHOLD: '5',
    DELIVERY_URL: 'http://127.0.0.1:9/',
    DELIVERY_SECRET: `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`
  })
  t.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
  const started = log.find(({ event }) => event === 'started')
  t.match(started, { role: 'all', version: String, config: { QUEUE_CRITICAL_THRESHOLD: 50_000 } })
  t.notOk(JSON.stringify(log).includes('whsec_'))
  t.match(log.find(({ event }) => event === 'unknown-key'), {
    key: 'QUEUE_CRITICAL_TRESHOLD',
    suggestion: 'QUEUE_CRITICAL_THRESHOLD'
  })
})

t.test('server.mjs starts the service, and on an older Node.js says in one line what is needed', async (t) => {
  const entry = join(import.meta.dirname, '../server.mjs')
  const older = spawnSync(process.execPath, [
    '--import',
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.0"}})',
    entry
  ], { encoding: 'utf8' })
  t.equal(older.status, 1)
  t.match(older.stderr, /^Spillway needs Node\.js 22\.19 or newer, this is 20\.19\.0; [^\n]+\n$/)
  t.equal(older.stdout, '')
  const { engines } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
  t.equal(engines.node, '>=22.19')
  const newer = spawnSync(process.execPath, [entry], { encoding: 'utf8', env: { PORT: 'http' } })
  t.match(newer.stderr, /^invalid configuration:\n {2}PORT: /)
})

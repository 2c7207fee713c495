import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { EXIT } from '../../../cli/exit-code.ts'
import { listen, runCli } from '../run-cli.ts'
import { post, startApp } from '../../app.ts'
import { bearer, keyAsker, TOKEN } from '../../routes/api/v1/key-requests.ts'
import { makeKey } from '../../services/producer/setup.ts'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis } from '../../../rig/redis.ts'

const redis = await startRedis(t)

t.test('keys are made, listed, rotated and revoked', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-cli' } })
  const env = { ...await listen(app), SPILLWAY_TOKEN: TOKEN }
  const run = (...args: string[]) => runCli(['keys', ...args], { env })
  t.match(await run('list'), { code: EXIT.ok, out: 'no keys\n' })
  const made = await run('create', '--name', 'sensors', '--organization', 'acme', '--scopes', 'ingest', '--best-priority', '5')
  t.match(made, { code: EXIT.ok, out: /^spw_\w{12}_\w{43}\n$/, err: /shown once/ })
  const key = made.out.trim()
  const sent = await runCli(['send', '-', '--type', 'a', '--priority', '5'], { env: { ...env, SPILLWAY_KEY: key }, stdin: '1\n2\n' })
  t.match(sent, { code: EXIT.ok })
  const [id = ''] = /(?<=spw_)\w{12}/.exec(key) ?? []
  t.match(await run('list'), { out: new RegExp(`${id} +acme +ingest +5 +all +redis`) })
  t.match((await run('rotate', id, '--json')).json(), { id, key: /^spw_/ })
  t.match(await run('rotate', id), { code: EXIT.failed, err: /counts until .*graceSeconds .*: set --grace-seconds, 0 /, out: '' })
  t.match(await run('rotate', id, '--grace-seconds', '60'), { code: EXIT.ok, out: /^spw_/ })
  const types = ['order', 'x'.repeat(40), 'invoice', 'a\u001b[31m'].flatMap((type) => ['--type', type])
  await run('create', '--name', 'typed', '--scopes', 'ingest', '--organization', 'acme', ...types)
  const { out: table } = await run('list')
  t.match(table, /id +organization +scopes +best +types +source +expires +former secret until +last used +name/)
  t.match(table, new RegExp(`${id} +acme +ingest +5 +all +redis +- +\\d{4}-\\S+Z +\\S+ +sensors`))
  t.match(table, / order, 3 more +redis /)
  t.match((await run('list', '--json')).json(), { keys: [{ organizationId: 'acme' }, { organizationId: 'acme' }] })
  t.match(await run('revoke', id), { code: EXIT.ok, out: `key ${id} is revoked\n` })
  t.match(await run('revoke', id), { code: EXIT.failed })
  t.match(await run('create', '--name', 'x', '--scopes', 'post'), { code: EXIT.usage, err: /scopes\.0/ })
})

t.test('a list of several pages is whole', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-cli-pages' } })
  const { apiKeys, control } = app.queue.keys
  const records = Array.from({ length: 1_001 }, () => makeKey().record)
  await app.redis.hset(apiKeys, new Map(records.map((record) => [record.id, JSON.stringify(record)])))
  await app.redis.hset(control, 'keys', '1')
  await eventually('all are known', () => app.knownKeys.all().length === 1_001)
  const { keys } = (await runCli(['keys', 'list', '--json'], { env: { ...await listen(app), SPILLWAY_TOKEN: TOKEN } })).json()
  t.equal((keys as { id: string }[] | undefined)?.length, 1_001)
})

t.test('the exit code tells a wrong order from a refused one', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-cli-codes' } })
  const env = { ...await listen(app), SPILLWAY_TOKEN: TOKEN }
  const run = (...args: string[]) => runCli(['keys', ...args], { env })
  const file = join(t.testdir({ 'wrong.json': '[{"id":"x"}]', 'text.json': 'spw_secret' }), 'keys.json')
  for (const form of [[], ['--file', file]]) {
    const create = (...rights: string[]) => run('create', ...form, '--name', 'x', ...rights)
    t.match(await create('--scopes', 'ingest'), { code: EXIT.usage, err: /organizationId/ })
    t.match(await create('--scopes', 'post'), { code: EXIT.usage, err: /scopes\.0/ })
    t.match(await create('--scopes', 'read,read'), { code: EXIT.usage, err: /scopes/ })
    t.match(await create('--scopes', 'read', '--organization', ''), { code: EXIT.usage, err: /organizationId/ })
    t.match(await create('--scopes', 'read', '--best-priority', '11'), { code: EXIT.usage })
    t.match(await create('--scopes', 'read', '--expires-at', 'soon'), { code: EXIT.usage })
    t.match(await create(), { code: EXIT.usage, err: /--scopes/ })
  }
  for (const [order, id] of [['rotate', '../x'], ['revoke', 'x'], ['revoke', '']]) {
    t.match(await run(order!, id!), { code: EXIT.usage, err: /not the id of a key/ })
  }
  for (const order of ['rotate', 'revoke']) t.match(await run(order, 'x'.repeat(12)), { code: EXIT.failed, err: /404/ })
  t.match(await runCli(['keys', 'list'], { env: { ...env, SPILLWAY_TOKEN: 'another token' } }), { code: EXIT.failed, err: /401/ })
  t.match(await runCli(['keys', 'list', '--url', 'http://127.0.0.1:1']), { code: EXIT.unreachable })
  const inFile = (path: string) => runCli(['keys', 'create', '--file', path, '--name', 'x', '--scopes', 'read'])
  t.match(await inFile(join(file, '..')), { code: EXIT.usage, err: /cannot be read/ })
  t.match(await inFile(join(file, '../missing/keys.json')), { code: EXIT.usage, err: /cannot be written/ })
  t.match(await inFile(join(file, '../wrong.json')), { code: EXIT.usage, err: /is no key file[^]*\[0\]\.sha256/ })
  const text = await inFile(join(file, '../text.json'))
  t.match(text, { code: EXIT.usage, err: /is no key file/ })
  t.notMatch(text.err, /secret/)
  t.strictSame(readdirSync(join(file, '..')).toSorted(), ['text.json', 'wrong.json'], 'nothing is left behind')
})

t.test('a key after which nobody is an operator comes with the way out', async (t) => {
  const { app } = await startApp(t, { redis, env: { NAMESPACE: 'keys-cli-first' } })
  const env = await listen(app)
  const create = (...args: string[]) => runCli(['keys', 'create', '--name', 'x', '--organization', 'acme', ...args], { env })
  t.match(await create('--scopes', 'ingest'), { code: EXIT.ok, out: /^spw_/, err: /^warning: .*ADMIN_TOKEN/ })
  const file = join(t.testdir(), 'keys.json')
  t.match(await create('--scopes', 'ingest,admin', '--file', file), { code: EXIT.ok, out: /^spw_/, err: /^warning: .*--scopes admin/ })
  const operator = await runCli(['keys', 'create', '--name', 'x', '--scopes', 'admin', '--file', file])
  t.match(operator, { code: EXIT.ok, out: /^spw_/ })
  t.notMatch(operator.err, /warning/)
  t.notMatch((await create('--scopes', 'ingest', '--file', file)).err, /warning/)
  t.equal(JSON.parse(readFileSync(file, 'utf8')).length, 3)
})

t.test('a key file is made without a service', async (t) => {
  const file = `${t.testdir()}/keys.json`
  const add = (...rights: string[]) => runCli(['keys', 'create', '--file', file, '--name', 'x', ...rights])
  t.match(await add('--scopes', 'ingest'), { code: EXIT.usage, err: /organizationId/ })
  const first = (await add('--scopes', 'ingest', '--organization', 'acme')).out.trim()
  const second = (await add('--scopes', 'admin')).out.trim()
  const { app: filed } = await startApp(t, { redis, env: { API_KEYS_FILE: file, NAMESPACE: 'keys-file' } })
  t.equal((await post(filed, { type: 'a', payload: 1 }, bearer(first))).statusCode, 202)
  t.match(await keyAsker(filed, second)('GET', ''), { status: 200, body: { keys: [{ source: 'file' }, { source: 'file' }] } })
})

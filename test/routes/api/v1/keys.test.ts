import t from 'tap'
import { post, startApp } from '../../../app.ts'
import { capturedLog } from '../../../captured-log.ts'
import { startRedis } from '../../../../rig/redis.ts'
import { shownKey } from '../../../../routes/api/v1/keys/answer-order.ts'
import { bearer, keyAsker, TOKEN } from './key-requests.ts'

const EVENT = { type: 'a', payload: 1 }
const redis = await startRedis(t)

t.test('operators make, list, rotate and revoke keys', async (t) => {
  const { lines, log } = capturedLog('info')
  const { app } = await startApp(t, { redis, log, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-routes' } })
  const ask = keyAsker(app, TOKEN)
  t.match(await ask('GET', ''), { status: 200, body: { keys: [] } })
  const wrong = await ask('POST', '', { name: '', scopes: ['all'], more: 1 })
  t.match(wrong, { status: 400, body: { type: 'urn:spillway:problem:invalid-body', errors: [{ field: 'more' }, { field: 'name' }, { field: 'scopes.0' }] } })

  const made = await ask('POST', '', { organizationId: 'acme', name: 'sensors', scopes: ['ingest'], bestPriority: 5 })
  t.equal(made.status, 201)
  const { id, key } = made.body
  t.match(made.body, { organizationId: 'acme', bestPriority: 5, source: 'redis', key: new RegExp(`^spw_${id}_`) })
  t.notOk(made.body.sha256)
  const posts = async (secret: string) => (await post(app, EVENT, bearer(secret))).statusCode
  t.equal(await posts(key), 202)
  t.equal((await post(app, EVENT)).statusCode, 401)
  t.match(await keyAsker(app, key)('GET', ''), { status: 403, body: { reason: 'scope' } })

  const rotated = (await ask('POST', `/${id}/rotate`, { graceSeconds: 60 })).body
  t.ok(rotated.formerUntil)
  t.strictSame([await posts(key), await posts(rotated.key)], [202, 202], 'both count')
  const again = (await ask('POST', `/${id}/rotate`, { graceSeconds: 0 })).body
  t.strictSame([await posts(key), await posts(rotated.key), await posts(again.key)], [401, 401, 202])
  t.match(await ask('GET', ''), { body: { keys: [{ id, name: 'sensors', scopes: ['ingest'] }] } })
  t.match(await ask('DELETE', '/unknown'), { status: 404 })
  t.match(await ask('POST', `/${id}/rotate`, { grace: 1 }), {
    status: 400, body: { type: 'urn:spillway:problem:invalid-body', errors: [{ field: 'grace' }] }
  })
  const admin = (await ask('POST', '', { name: 'operator', scopes: ['admin'] })).body
  t.match(await keyAsker(app, admin.key)('DELETE', `/${id}`), { status: 204 })
  t.equal(await posts(again.key), 401)

  t.match(lines.filter(({ event }) => event === 'key-changed').map(({ action, by }) => [action, by]), [
    ['created', 'ADMIN_TOKEN'], ['rotated', 'ADMIN_TOKEN'], ['rotated', 'ADMIN_TOKEN'], ['created', 'ADMIN_TOKEN'],
    ['revoked', 'operator']
  ])
  const all = JSON.stringify(lines) + JSON.stringify(await app.redis.hgetall(app.queue.keys.apiKeys))
  for (const secret of [key, rotated.key, again.key, admin.key]) t.notOk(all.includes(secret.slice(17)))
  t.notOk(all.includes(TOKEN))
})

t.test('a key gives no more than it has', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-bound' } })
  const ask = keyAsker(app, TOKEN)
  const order = { name: 'x', scopes: ['ingest', 'admin'] }
  const own = (await ask('POST', '', { ...order, organizationId: 'acme', bestPriority: 5, types: ['a'] })).body
  const foreign = (await ask('POST', '', { ...order, organizationId: 'other' })).body
  const bound = keyAsker(app, own.key)
  t.match(await bound('POST', '', { ...order, organizationId: 'other' }), {
    status: 403, body: { errors: [{ field: 'organizationId' }, { field: 'bestPriority' }, { field: 'types' }] }
  })
  t.match(await bound('POST', '', { ...order, organizationId: 'acme', bestPriority: 6, types: ['a'] }), { status: 201 })
  const listed = (await bound('GET', '')).body.keys as { organizationId: string }[]
  t.strictSame(listed.map(({ organizationId }) => organizationId), ['acme', 'acme'])
  for (const method of ['POST', 'DELETE'] as const) {
    const at = method === 'POST' ? '/rotate' : ''
    t.strictSame(
      await bound(method, `/${foreign.id}${at}`, method === 'POST' ? {} : undefined),
      await bound(method, `/nobody${at}`, method === 'POST' ? {} : undefined),
      'a key of another organization is as unknown as none'
    )
  }
})

t.test('a key gets no right from the rotation of another, and takes none away', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-better' } })
  const ask = keyAsker(app, TOKEN)
  const make = async (rights: object) => (await ask('POST', '', { name: 'x', organizationId: 'acme', ...rights })).body
  const low = await make({ scopes: ['admin'], bestPriority: 5, types: ['a'] })
  const [better, wider] = [
    await make({ scopes: ['ingest'], types: ['a'] }), await make({ scopes: ['ingest'], bestPriority: 5 })
  ]
  const equal = await make({ scopes: ['ingest'], bestPriority: 6, types: ['a'] })
  const bound = keyAsker(app, low.key)
  for (const [{ id }, field] of [[better, 'bestPriority'], [wider, 'types']] as const) {
    for (const [method, path, body] of [['POST', `/${id}/rotate`, {}], ['DELETE', `/${id}`, undefined]] as const) {
      t.match(await bound(method, path, body), {
        status: 403, body: { reason: 'exceeds-own-rights', errors: [{ field }] }
      }, `${method} ${field}`)
    }
  }
  const modest = { ...EVENT, priority: 6 }
  for (const { key } of [better, wider]) t.equal((await post(app, modest, bearer(key))).statusCode, 202)
  t.match(await bound('POST', `/${equal.id}/rotate`, {}), { status: 200 })
  t.match(await bound('DELETE', `/${equal.id}`), { status: 204 })
})

t.test('a key that ends makes and rotates no key that outlives it', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-ending' } })
  const ask = keyAsker(app, TOKEN)
  const expiresAt = '2100-01-01T00:00:00Z'
  const own = (await ask('POST', '', { name: 'x', scopes: ['admin'], expiresAt })).body
  const endless = (await ask('POST', '', { name: 'x', scopes: ['admin'] })).body
  const ending = keyAsker(app, own.key)
  const refused = { status: 403, body: { reason: 'exceeds-own-rights', errors: [{ field: 'expiresAt' }] } }
  t.match(await ending('POST', '', { name: 'y', scopes: ['admin'] }), refused)
  t.match(await ending('POST', '', { name: 'y', scopes: ['admin'], expiresAt: '2100-01-01T00:00:01Z' }), refused)
  t.match(await ending('POST', `/${endless.id}/rotate`, {}), refused)
  t.match(await ending('POST', '', { name: 'y', scopes: ['admin'], expiresAt }), { status: 201 })
  t.match(await ending('POST', `/${own.id}/rotate`, {}), { status: 200 })
})

t.test('an expiry in a leap second ends a key like any other', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-leap' } })
  for (const expiresAt of ['2016-12-31T23:59:60Z', '2016-12-31t18:59:60-05:00']) {
    const { body: { key } } = await keyAsker(app, TOKEN)('POST', '', {
      organizationId: 'acme', name: 'x', scopes: ['ingest'], expiresAt
    })
    t.equal((await post(app, EVENT, bearer(key))).statusCode, 401, expiresAt)
  }
})

t.test('an operator of one organization changes nothing that concerns all', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-whole' } })
  const { body: { key } } = await keyAsker(app, TOKEN)('POST', '', { organizationId: 'acme', name: 'x', scopes: ['admin'] })
  const routes: readonly ['POST' | 'PUT' | 'PATCH' | 'GET', string][] = [
    ['POST', 'workers/pause'], ['POST', 'workers/resume'], ['PUT', 'metrics/backpressure/mode'],
    ['POST', 'metrics/backpressure/reset'], ['POST', 'metrics/ledger/rebase'], ['PATCH', 'settings'],
    ['POST', 'settings/rollback'], ['GET', 'settings/history']
  ]
  for (const [method, path] of routes) {
    const answer = await app.inject({ method, url: `/api/v1/${path}`, headers: bearer(key) })
    t.match([answer.statusCode, answer.json()], [403, { reason: 'organization-mismatch' }], path)
  }
})

t.test('the settings, which name organizations, are not for a key of one, and totals are', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-totals' } })
  const make = async (order: object) =>
    (await keyAsker(app, TOKEN)('POST', '', { name: 'x', scopes: ['read'], ...order })).body.key
  const [bound, unbound] = [await make({ organizationId: 'acme' }), await make({})]
  const get = (path: string, key: string) => app.inject({ url: `/api/v1/${path}`, headers: bearer(key) })
  const refused = await get('settings', bound)
  t.match([refused.statusCode, refused.json()], [403, { reason: 'organization-mismatch' }])
  t.equal((await get('settings', unbound)).statusCode, 200)
  const open = [
    'metrics/queue', 'metrics/prometheus', 'metrics/ledger', 'fleet', 'metrics/queue/summary', 'health', 'dead-letters',
    'dead-letters/replays', 'events'
  ]
  for (const path of open) t.equal((await get(path, bound)).statusCode, 200, path)
  const { statusCode } = await get('autoscaling', bound)
  t.ok([200, 503].includes(statusCode), 'unknown in the first seconds')
})

t.test('a key is listed with the end of its former secret only while that counts', async (t) => {
  const sha256 = 'a'.repeat(64)
  const record = { id: 'abcdefghijkl', name: 'x', scopes: ['read' as const], sha256, former: { sha256, untilMs: 5_000 } }
  t.match(shownKey(record, 'redis', 4_999), { formerUntil: '1970-01-01T00:00:05.000Z' })
  t.notOk('formerUntil' in shownKey(record, 'redis', 5_000))
})

t.test('a rotation ends no grace period unasked', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-grace' } })
  const ask = keyAsker(app, TOKEN)
  const { id, key } = (await ask('POST', '', { organizationId: 'acme', name: 'x', scopes: ['ingest'] })).body
  const posts = async (secret: string) => (await post(app, EVENT, bearer(secret))).statusCode
  const rotated = (await ask('POST', `/${id}/rotate`)).body
  const refused = await ask('POST', `/${id}/rotate`)
  t.match(refused, { status: 409, body: { type: /former-secret-counts$/ } })
  t.ok(refused.body.detail.includes(rotated.formerUntil))
  t.strictSame([await posts(key), await posts(rotated.key)], [202, 202], 'it changed nothing')
  const asked = (await ask('POST', `/${id}/rotate`, { graceSeconds: 60 })).body
  t.strictSame([await posts(key), await posts(rotated.key), await posts(asked.key)], [401, 202, 202])
  const ended = (await ask('POST', `/${id}/rotate`, { graceSeconds: 0 })).body
  t.notOk(ended.formerUntil)
  t.match(await ask('POST', `/${id}/rotate`), { status: 200 }, 'no former secret counts')
})

t.test('an order after which nobody is an operator is carried out, with a warning', async (t) => {
  const start = async (namespace: string, env = {}) => {
    const { lines, log } = capturedLog('warn')
    const { app } = await startApp(t, { redis, log, env: { NAMESPACE: namespace, ...env } })
    return { app, warned: () => lines.splice(0).filter(({ event }) => event === 'no-operator-left').length }
  }
  const { app, warned } = await start('keys-first')
  const anonymous = { method: 'POST', url: '/api/v1/keys' } as const
  const order = { organizationId: 'acme', name: 'x', scopes: ['ingest', 'admin'] }
  const first = await app.inject({ ...anonymous, payload: order })
  t.match([first.statusCode, first.json()], [201, { key: /^spw_/, warning: /nobody can operate.*ADMIN_TOKEN.*API_KEYS_FILE/ }])
  t.equal(warned(), 1)

  const operated = await start('keys-operated')
  const admin = (await operated.app.inject({ ...anonymous, payload: { name: 'x', scopes: ['admin'] } })).json()
  t.notOk(admin.warning)
  const ask = keyAsker(operated.app, admin.key)
  t.notOk((await ask('POST', '', order)).body.warning)
  t.equal(operated.warned(), 0)
  t.match(await ask('DELETE', `/${admin.id}`), { status: 204 })
  t.equal(operated.warned(), 1, 'the last operator revoked its key')

  const guarded = await start('keys-guarded', { ADMIN_TOKEN: TOKEN })
  t.notOk((await keyAsker(guarded.app, TOKEN)('POST', '', order)).body.warning)
  t.equal(guarded.warned(), 0)
})

import t from 'tap'
import { post, startApp } from '../../../app.ts'
import type { KeyRecord } from '../../../../services/producer/key.ts'
import { makeKey } from '../../../services/producer/setup.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis } from '../../../../rig/redis.ts'
import { bearer, keyAsker, TOKEN } from './key-requests.ts'

const redis = await startRedis(t)

t.test('the list has pages, in the order of ids', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-pages' } })
  const ask = keyAsker(app, TOKEN)
  const make = async (organizationId: string) =>
    (await ask('POST', '', { name: 'x', organizationId, scopes: ['admin'] })).body as { id: string, key: string }
  const made = [await make('acme'), await make('other'), await make('acme'), await make('acme')]
  const pages = async (asks: ReturnType<typeof keyAsker>, limit: number) => {
    const sizes: number[] = []
    const ids: string[] = []
    for (let query = `?limit=${limit}`; query !== '';) {
      const { body: { keys, next } } = await asks('GET', query)
      sizes.push(keys.length)
      ids.push(...keys.map(({ id }: { id: string }) => id))
      query = next === undefined ? '' : `?limit=${limit}&cursor=${next}`
    }
    return { sizes, ids }
  }
  const ids = made.map(({ id }) => id).toSorted()
  t.strictSame(await pages(ask, 3), { sizes: [3, 1], ids })
  t.strictSame(await pages(ask, 2), { sizes: [2, 2], ids })
  t.strictSame(await pages(keyAsker(app, made[0]!.key), 2), {
    sizes: [2, 1], ids: ids.filter((id) => id !== made[1]!.id)
  })
  const wrong = [['?limit=0', 'limit'], ['?limit=1001', 'limit'], ['?cursor=x', 'cursor'], ['?page=2', 'page']] as const
  for (const [query, field] of wrong) {
    t.match(await ask('GET', query), { status: 400, body: { type: /invalid-query$/, errors: [{ field }] } }, query)
  }
})

t.test('the keys of one organization, and the bytes of all, are bounded', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-full' } })
  const ask = keyAsker(app, TOKEN)
  const order = { organizationId: 'acme', name: 'x', scopes: ['admin'] }
  const bytes = (count: number) => Array.from({ length: count / 256 }, (_, index) => String(index).padEnd(256, '.'))
  const tooLong = await ask('POST', '', { ...order, types: [...bytes(16_384), 'x'] })
  t.match(tooLong, { status: 400, body: { errors: [{ field: 'types', message: /16384 bytes/ }] } })
  const own = (await ask('POST', '', order)).body
  const foreign = (await ask('POST', '', { ...order, organizationId: 'other' })).body
  const [bound, other] = [keyAsker(app, own.key), keyAsker(app, foreign.key)]
  /** Puts keys into Redis, as other replicas would. */
  const fill = async (count: number, rights: Partial<KeyRecord>) => {
    const records = Array.from({ length: count }, () => makeKey({ scopes: ['read'], ...rights }).record)
    const { apiKeys, control } = app.queue.keys
    await app.redis.hset(apiKeys, new Map(records.map((record) => [record.id, JSON.stringify(record)])))
    await app.redis.hset(control, 'keys', String(Number(await app.redis.hget(control, 'keys')) + 1))
    await eventually('they are known', () => app.knownKeys.find(records[0]!.id) !== undefined)
  }
  await fill(998, {})
  const many = await Promise.all([1, 2, 3].map(() => bound('POST', '', order)))
  t.strictSame(many.map(({ status }) => status).toSorted(), [201, 409, 409], 'also at the same time')
  t.match(await bound('POST', '', order), {
    status: 409, body: { type: /too-many-keys$/, reason: 'organization-keys', detail: /organization has 1000/ }
  })
  t.match(await other('POST', '', { ...order, organizationId: 'other' }), { status: 201 }, 'another organization has room')
  t.match(await ask('POST', '', order), { status: 201 }, 'so has the service')

  await fill(63, { organizationId: 'other', types: bytes(16_384) })
  t.match(await other('POST', '', { ...order, organizationId: 'other', types: bytes(16_384) }), {
    status: 409, body: { reason: 'organization-bytes', detail: /1 MiB/ }
  })
  await fill(440, { organizationId: 'more', types: bytes(16_384) })
  t.match(await ask('POST', '', { ...order, types: bytes(16_384) }), { status: 409, body: { reason: 'bytes', detail: /8 MiB/ } })
  const { body } = await app.inject({ url: '/api/v1/keys?limit=1000', headers: bearer(TOKEN) })
  t.ok(body.length > 1_000_000 && body.length < 1_300_000, 'a page is bounded in bytes')
  t.type(JSON.parse(body).next, 'string')
})

t.test('a key that is revoked leaves nothing behind', async (t) => {
  const { app } = await startApp(t, { redis, env: { ADMIN_TOKEN: TOKEN, NAMESPACE: 'keys-gone' } })
  const ask = keyAsker(app, TOKEN)
  const { id, key } = (await ask('POST', '', { organizationId: 'acme', name: 'x', scopes: ['ingest'] })).body
  const { body: stays } = await ask('POST', '', { name: 'y', scopes: ['read'] })
  t.equal((await post(app, { type: 'a', payload: 1 }, bearer(key))).statusCode, 202)
  await eventually('its use is known', async () => (await ask('GET', '')).body.keys.some((shown: { lastUsedAt?: string }) =>
    shown.lastUsedAt !== undefined))
  t.match(await ask('DELETE', `/${id}`), { status: 204 })
  const { apiKeys, apiKeysUsed } = app.queue.keys
  await app.keyStore.recordUsed(new Map([[id, 60_000]]))
  t.strictSame([await app.redis.hkeys(apiKeys), await app.redis.hkeys(apiKeysUsed)], [[stays.id], []])
})

import { join } from 'node:path'
import t from 'tap'
import { post, startApp } from '../app.ts'
import { CLAIMS, providerEnv, startProvider } from '../../rig/identity-provider.ts'
import { makeKey } from '../services/producer/setup.ts'
import { newKey } from '../../services/producer/key-text.ts'
import { startRedis } from '../../rig/redis.ts'

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const EVENT = { type: 'order', payload: 1 }

const redis = await startRedis(t)

t.test('an answer without a producer names the forms that the route accepts, and no other', async (t) => {
  const path = join(t.testdir({ 'keys.json': JSON.stringify([makeKey().record]) }), 'keys.json')
  const { app } = await startApp(t, { redis, env: { API_KEYS_FILE: path, NAMESPACE: 'forms' } })
  for (const headers of [{}, bearer(newKey().key)] as Record<string, string>[]) {
    for (const url of ['/api/v1/events', '/api/v1/events/batch', '/api/v1/datastreams']) {
      const { detail } = (await app.inject({ method: 'POST', url, headers })).json()
      t.match(detail, /Bearer.*X-API-Key/, url)
      t.notMatch(detail, /password/, url)
    }
    for (const url of ['/api/v1/events', '/api/v1/dead-letters', '/api/v1/keys']) {
      t.match((await app.inject({ url, headers })).json().detail, /Bearer.*X-API-Key.*password/, url)
    }
  }
})

t.test('a clock that is set back does not revive what has expired', async (t) => {
  const provider = await startProvider(t)
  const atMs = Date.now()
  const { key, record } = makeKey({ expiresAt: new Date(atMs - 60_000).toISOString() })
  const path = join(t.testdir({ 'keys.json': JSON.stringify([record]) }), 'keys.json')
  const { app } = await startApp(t, { redis, env: { API_KEYS_FILE: path, NAMESPACE: 'clock', ...providerEnv(provider) } })
  const token = await provider.sign({ ...CLAIMS, exp: Math.floor(atMs / 1_000) - 60 })
  const statuses = async () => Promise.all([key, token].map(async (secret) =>
    (await post(app, EVENT, bearer(secret))).statusCode))
  t.strictSame(await statuses(), [401, 401])
  const { now } = Date
  t.intercept(Date, 'now', { value: () => now() - 3_600_000 })
  t.strictSame(await statuses(), [401, 401], 'the clock of Redis goes on')
})

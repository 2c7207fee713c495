import t from 'tap'
import { startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { ENV, fieldsOf, get, patch, rollback, SETTINGS, startReplicas, thresholds } from './settings-requests.ts'

const RECORD = { overrides: { backpressure: { thresholds: { warning: 301 } } }, by: '::1', changes: [] }

t.test('wrong bodies are refused, and every wrong field is named', async (t) => {
  const redis = await startRedis(t)
  const { apps: [app] } = await startReplicas(t, redis, 1)
  const at = (...names: string[]) => names.map((name) => `backpressure.thresholds.${name}`)
  const unknown = Object
    .fromEntries(Array.from({ length: 20 }, (_, index) => [`f${String(index).padStart(2, '0')}`, index]))
  const table: [body: unknown, fields: string[]][] = [
    [[], ['']],
    ['"observe"', ['']],
    [{ backpressure: 'observe' }, ['backpressure']],
    [{ backpressure: { mode: true } }, ['backpressure.mode']],
    [{ backpressure: { mode: 'on', modes: 'true' }, controls: {} }, [
      'backpressure.mode',
      'backpressure.modes',
      'controls'
    ]],
    [thresholds({ warning: '300', critical: 1.5, recovery: -1 }), at('critical', 'recovery', 'warning')],
    [thresholds({ hardLimit: 1e12, soft: null }), at('hardLimit', 'soft')],
    [thresholds({ warning: 1_000 }), at('warning')],
    [thresholds({ recovery: 900, warning: 800 }), at('recovery', 'warning')],
    [{ ...thresholds({ hardLimit: 10, critical: 20 }), x: 1 }, [...at('critical', 'hardLimit'), 'x']],
    [{ control: { thresholds: 'dynamic', budgetsMs: { normal: 500 }, sampling: true } }, [
      'control.budgetsMs.normal', 'control.sampling', 'control.thresholds'
    ]],
    [unknown, Object.keys(unknown)]
  ]
  for (const [body, fields] of table) {
    const answer = await patch(app, body)
    t.strictSame(
      [answer.statusCode, answer.headers['content-type']],
      [400, 'application/problem+json; charset=utf-8'],
      JSON.stringify(body)
    )
    t.equal(answer.json().type, 'urn:spillway:problem:invalid-settings')
    t.strictSame(fieldsOf(answer.json()), fields)
    for (const field of fields) t.ok(answer.json().detail.includes(field))
  }
  for (
    const [body, fields] of [[{}, ['version']], [{ version: -1 }, ['version']], [{ version: '1', to: 2 }, [
      'to',
      'version'
    ]]] as const
  ) {
    const answer = await rollback(app, body)
    t.strictSame([answer.statusCode, fieldsOf(answer.json())], [400, fields])
    t.equal(answer.json().type, 'urn:spillway:problem:invalid-body')
  }
  t.match(await get(app), { version: 0, overrides: {} })
  t.equal((await patch(app, '{')).statusCode, 400)
  t.equal((await patch(app, '{}', { 'content-type': 'text/plain' })).statusCode, 415)
  const json = await patch(app, { backpressure: { mode: 'observe' } }, { 'content-type': 'application/json' })
  t.match([json.statusCode, json.json().version], [200, 1], 'application/json will do')
  t.match(
    (await patch(app, { backpressure: { mode: 'observe' } })).json(),
    { version: 1 },
    'a change that changes nothing is none'
  )
})

t.test('settings in Redis that are broken leave the last good ones in force, and are told of once by each', async (t) => {
  const redis = await startRedis(t)
  const { apps, lines } = await startReplicas(t, redis)
  const [one, two, three] = apps
  const { settings: key, settingsHistory } = one.queue.keys
  await patch(one, { backpressure: { mode: 'observe', thresholds: { warning: 300 } } })
  await eventually('all follow', () => apps.every(({ settings }) => settings.current.version === 1))
  const broken = () => lines.filter(({ event }) => event === 'settings-broken')

  await one.redis.hset(
    key,
    'record',
    '{"overrides": {"backpressure": {"mode": "sometimes"}}, "by": "x", "changes": []}'
  )
  await eventually('each has told of it', () => broken().length === 3)
  for (let reading = 0; reading < 3; reading++)
    await Promise.all(apps.map(({ backpressure }) => backpressure.nextSignals()))
  t.equal(broken().length, 3)
  t.match(broken(), [1, 2, 3].map(() => ({ version: 1, kept: 1, reason: /backpressure\.mode/ })))
  for (const app of apps) {
    t.match(await get(app), {
      version: 1,
      settings: { backpressure: { mode: 'observe', thresholds: { warning: 300 } } }
    })
    t.strictSame([app.backpressure.mode, app.backpressure.signals.thresholds.warning], ['observe', 300])
  }
  const { app: later } = await startApp(t, { redis, env: ENV })
  await eventually(
    'a replica that starts now finds the last good ones in the history',
    () => later.backpressure.mode === 'observe'
  )
  t.match(await get(later), {
    version: 1,
    settings: { backpressure: { mode: 'observe', thresholds: { warning: 300 } } }
  })
  const mended = await patch(two, thresholds({ critical: 2_000 }))
  t.match(mended.json(), {
    version: 2,
    overrides: { backpressure: { mode: 'observe', thresholds: { warning: 300, critical: 2_000 } } }
  })
  await eventually('all follow again', () => apps.every(({ settings }) => settings.current.version === 2))

  await one.redis.hset(key, { version: '2', at: '1', record: JSON.stringify(RECORD) })
  await eventually(
    'a change of a lost Redis',
    () => apps.every(({ backpressure }) => backpressure.signals.thresholds.warning === 301)
  )
  await one.redis.hset(key, { version: '2', at: '2', record: JSON.stringify(RECORD).replace('301', '302') })
  await eventually(
    'is not another one of the same version and length',
    () => apps.every(({ backpressure }) => backpressure.signals.thresholds.warning === 302)
  )

  for (const version of ['0', '-5', '5.5', 'inf', '0x10', '9007199254740993']) {
    await one.redis.hset(key, { version })
    t.equal((await patch(two, thresholds({ warning: 300 }))).statusCode, 200, `a change replaces version ${version}`)
  }
  await one.redis.lpush(settingsHistory, `99999999999999999999 1 ${JSON.stringify(RECORD)}`)
  await one.redis.del(key)
  const { version } =
    (await patch(two, { backpressure: { mode: 'observe', thresholds: { warning: 300, critical: 2_000 } } })).json()
  await eventually('all follow again', () => apps.every(({ settings }) => settings.current.version === version))

  await one.redis.del(key)
  await eventually(
    'settings that somebody deleted are put back',
    async () => await one.redis.hget(key, 'version') === String(version)
  )
  await one.redis.set(key, 'of another type')
  await eventually('and those of a wrong type', async () => {
    await one.queue.repair.check()
    return await one.redis.hget(key, 'version') === String(version)
  })
  await one.redis.del(key, settingsHistory)
  await eventually(
    'without a history as a replica remembers them',
    async () => await one.redis.hget(key, 'version') === String(version)
  )
  for (const app of apps)
    t.match((await get(app)).settings.backpressure, { mode: 'observe', thresholds: { warning: 300, critical: 2_000 } })
  t.match((await patch(three, { backpressure: null })).json(), { version: version + 1, overrides: {} })
})

t.test('Redis that cannot be told is answered 503, and what was in force stays', async (t) => {
  const redis = await startRedis(t)
  const { apps: [app] } = await startReplicas(t, redis, 1)
  await patch(app, { backpressure: { mode: 'observe' } })
  await redis.kill()
  for (
    const answer of [
      await patch(app, thresholds({ warning: 300 })),
      await rollback(app, { version: 0 }),
      await app.inject(`${SETTINGS}/history`)
    ]
  ) {
    t.strictSame([answer.statusCode, answer.json().type], [503, 'urn:spillway:problem:queue-unavailable'])
  }
  t.match(await get(app), { version: 1, settings: { backpressure: { mode: 'observe' } } })
})

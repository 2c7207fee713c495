import t, { type Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import { eventHandler, metric, post, postBatch, startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis, type RedisProcess } from '../../rig/redis.ts'

const CONFIGURED = { warning: 200, critical: 1_000, recovery: 100, hardLimit: 5_000 }
const CONTROL = {
  thresholds: 'static', budgetsMs: { critical: 2_000, normal: 30_000, low: 300_000 }, shedding: 'cliff', sampling: 'off',
  fairness: 'off', forecast: 'observe'
}
const ENV = {
  QUEUE_WARNING_THRESHOLD: '200',
  QUEUE_CRITICAL_THRESHOLD: '1000',
  QUEUE_RECOVERY_THRESHOLD: '100',
  QUEUE_HARD_LIMIT: '5000'
}
const SETTINGS = '/api/v1/settings'

const patch = (app: FastifyInstance, payload: unknown, headers: Record<string, string> = {}) => app.inject({
  method: 'PATCH', url: SETTINGS, headers: { 'content-type': 'application/merge-patch+json', ...headers },
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload)
})
const rollback = (app: FastifyInstance, payload: object, headers: Record<string, string> = {}) =>
  app.inject({ method: 'POST', url: `${SETTINGS}/rollback`, headers, payload })
const get = async (app: FastifyInstance) => (await app.inject(SETTINGS)).json()
const history = async (app: FastifyInstance) => (await app.inject(`${SETTINGS}/history`)).json().changes
const thresholds = (values: Record<string, unknown>) => ({ backpressure: { thresholds: values } })
const fieldsOf = (body: { errors: { field: string }[] }) => body.errors.map(({ field }) => field).toSorted()

async function startReplicas (t: Test, redis: RedisProcess, count = 3, log = capturedLog('warn')) {
  const apps: FastifyInstance[] = []
  for (let replica = 0; replica < count; replica++) {
    apps.push((await startApp(t, { redis, env: ENV, log: log.log })).app)
  }
  return { apps: apps as [FastifyInstance, FastifyInstance, FastifyInstance], lines: log.lines }
}

t.test('thresholds that are set on one replica are in force on all, also after a restart of all, until null returns them', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const { apps, lines } = await startReplicas(t, redis)
  const [one, two, three] = apps
  const before = await one.inject(SETTINGS)
  t.strictSame([before.statusCode, before.headers.etag, before.json()], [200, '"0"', {
    version: 0, settings: { backpressure: { mode: 'true', thresholds: CONFIGURED }, control: CONTROL }, overrides: {}
  }])
  const events = Array.from({ length: 60 }, (_, index) => ({ type: 'filling', payload: index, priority: 1 }))
  t.equal((await postBatch(one, events)).statusCode, 202)
  await eventually('all see them', () => apps.every(({ backpressure }) => backpressure.signals.depth === 60))

  const lower = { warning: 20, critical: 50, recovery: 10, hardLimit: 70 }
  const answer = await patch(two, thresholds(lower))
  t.strictSame([answer.statusCode, answer.headers.etag, answer.json()], [200, '"1"', {
    version: 1,
    settings: { backpressure: { mode: 'true', thresholds: lower }, control: CONTROL },
    overrides: thresholds(lower)
  }])
  t.strictSame(two.backpressure.signals.thresholds, lower, 'the replica that was asked follows before it answers')
  t.equal((await post(two, { type: 'x', payload: 1 })).json().reason, 'circuit-open')
  for (const app of [one, three]) {
    await eventually('the others follow', () => app.backpressure.signals.thresholds.critical === 50)
    t.equal((await post(app, { type: 'x', payload: 1 })).json().reason, 'circuit-open')
    t.strictSame((await app.inject('/api/v1/metrics/queue')).json().backpressure.thresholds, lower)
    t.strictSame([(await app.inject(SETTINGS)).headers.etag, (await get(app)).settings.backpressure.thresholds], [
      '"1"',
      lower
    ])
  }
  for (const name of ['warning', 'critical', 'recovery'] as const) {
    t.equal(await metric(three, `rule_engine_backpressure_threshold_${name}`), lower[name])
  }
  t.equal((await one.inject('/api/v1/metrics/queue/summary')).json().health, 'critical')
  t.match(lines.filter(({ event }) => event === 'settings-changed'), [{
    version: 1, by: '127.0.0.1', changes: [
      { field: 'backpressure.thresholds.warning', from: 200, to: 20, isConfigured: false }, {}, {}, {}
    ]
  }], 'one line of the log says what and who')

  for (const app of apps) await app.close()
  await redis.restart('SIGTERM')
  const { apps: restarted } = await startReplicas(t, redis)
  for (const app of restarted)
    t.strictSame(app.backpressure.signals.thresholds, lower, 'in force from the first reading on')
  const returned = await patch(restarted[0], { backpressure: { thresholds: null } })
  t.match(returned.json(), { version: 2, settings: { backpressure: { thresholds: CONFIGURED } } })
  t.strictSame(returned.json().overrides, {})
  await eventually(
    'all follow',
    () => restarted.every(({ backpressure }) => backpressure.signals.thresholds.critical === 1_000)
  )
})

t.test('a change that is meant for an old version is refused, and of concurrent ones one', async (t) => {
  const redis = await startRedis(t)
  const { apps: [one, two, three], lines } = await startReplicas(t, redis)
  t.equal((await patch(one, thresholds({ warning: 300 }), { 'if-match': '"0"' })).statusCode, 200)
  const late = await patch(two, thresholds({ warning: 400 }), { 'if-match': '"0"' })
  t.strictSame([late.statusCode, late.headers.etag], [412, '"1"'])
  t.match(late.json(), { type: 'urn:spillway:problem:settings-changed', version: 1 })

  const answers = await Promise.all([one, two, three].map((app, index) =>
    patch(app, thresholds({ warning: 500 + index }), { 'if-match': '"1"' })))
  t.strictSame(answers.map(({ statusCode }) => statusCode).toSorted(), [200, 412, 412])
  const winner = answers.find(({ statusCode }) => statusCode === 200)
  await eventually('all follow it', async () => {
    const warnings = await Promise.all([one, two, three].map(async (app) =>
      (await get(app)).settings.backpressure.thresholds.warning
    ))
    return warnings.every((warning) => warning === winner?.json().settings.backpressure.thresholds.warning)
  })
  t.equal((await rollback(one, { version: 0 }, { 'if-match': '"1"' })).statusCode, 412)

  const unconditional = await Promise
    .all([one, two, three].map((app, index) =>
      patch(app, thresholds({ [['warning', 'critical', 'hardLimit'][index] as string]: [600, 2_000, 6_000][index] }))
    ))
  t.strictSame(
    unconditional.map(({ statusCode }) => statusCode),
    [200, 200, 200],
    'without If-Match each is applied to what holds'
  )
  t.match(await history(two), [{ version: 5 }, { version: 4 }, { version: 3 }, { version: 2 }, { version: 1 }])
  for (const app of [one, three]) await eventually('none of them is lost', async () => (await get(app)).version === 5)
  t.match((await get(three)).settings.backpressure.thresholds, { warning: 600, critical: 2_000, hardLimit: 6_000 })
  t.equal(lines.filter(({ event }) => event === 'settings-changed').length, 5)
})

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

t.test('a rollback restores the settings of a version, as a change of its own', async (t) => {
  const redis = await startRedis(t)
  const { apps: [one, two] } = await startReplicas(t, redis, 2)
  await patch(one, { backpressure: { mode: 'observe', thresholds: { warning: 300 } } })
  await patch(two, { backpressure: { mode: 'false', thresholds: { warning: null, hardLimit: 9_000 } } })
  const restored = await rollback(one, { version: 1 })
  t.strictSame([restored.statusCode, restored.headers.etag], [200, '"3"'])
  t.strictSame(restored.json().overrides, { backpressure: { mode: 'observe', thresholds: { warning: 300 } } })
  await eventually(
    'the other follows',
    () => two.backpressure.mode === 'observe' && two.backpressure.signals.thresholds.warning === 300
  )
  t.match(await history(two), [
    { version: 3, by: '127.0.0.1', rollbackTo: 1, changes: [{}, {}, {}] }, { version: 2, by: '127.0.0.1' },
    { version: 1, changes: [
      { field: 'backpressure.mode', from: 'true', to: 'observe', isConfigured: false },
      { field: 'backpressure.thresholds.warning', from: 200, to: 300, isConfigured: false }
    ] }
  ])
  for (const { at } of await history(two)) t.equal(new Date(at).toISOString(), at)
  t.match((await rollback(two, { version: 0 })).json(), {
    version: 4,
    overrides: {},
    settings: { backpressure: { mode: 'true', thresholds: CONFIGURED } }
  })
  t.equal((await rollback(two, { version: 77 })).statusCode, 404)
  for (let change = 0; change < 102; change++)
    await one.settingsOrders.patch(thresholds({ warning: 300 + change }), 'spillway')
  const changes = await history(one)
  t.strictSame([changes.length, changes[0].version, changes[99].version], [100, 106, 7])
  t.equal((await rollback(two, { version: 4 })).statusCode, 404, 'the history has forgotten it')
})

const RECORD = { overrides: { backpressure: { thresholds: { warning: 301 } } }, by: '::1', changes: [] }

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

t.test('a replay waits at the warning threshold in force, not at the configured one', async (t) => {
  const redis = await startRedis(t)
  const { apps: [app] } = await startReplicas(t, redis, 1)
  const gate = Promise.withResolvers<void>()
  const handler = eventHandler(async ({ payload }) => {
    if (payload === 'bad') return { status: 'dead', reason: 'bad' }
    if (payload === 'slow') await gate.promise
    return { status: 'done' }
  })
  await startApp(t, { redis, env: { ...ENV, ROLE: 'worker', HANDLER_TIMEOUT_MS: '600000' }, handlers: [handler] })
  await post(app, { type: 'a', payload: 'bad' })
  await eventually(
    'it is a dead letter',
    async () => (await app.inject('/api/v1/dead-letters')).json().deadLetters.length === 1
  )
  for (let event = 0; event < 5; event++) await post(app, { type: 'a', payload: 'slow' })
  await patch(app, thresholds({ recovery: 1, warning: 5 }))
  await app.inject({ method: 'POST', url: '/api/v1/dead-letters/replay', payload: { filter: {} } })
  const replay = async () => (await app.inject('/api/v1/dead-letters/replays')).json().replays[0]
  t.match(await eventually('it waits', async () => (await replay()).status === 'paused' && replay()), {
    reason: 'warning-threshold'
  })
  await patch(app, thresholds({ recovery: null, warning: null }))
  await eventually('it goes on', async () => (await replay()).status === 'done')
  gate.resolve()
})

t.test('the spool drains up to the thresholds in force, not to the configured ones', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const { app } = await startApp(t, { redis, env: { ...ENV, SPOOL_CLASSES: 'critical' } })
  t.equal((await patch(app, thresholds({ recovery: 1, warning: 2, critical: 10 }))).statusCode, 200)
  await redis.kill()
  await eventually('the queue is lost', () => !app.backpressure.signals.isDepthKnown)
  for (let event = 0; event < 30; event++) {
    t.equal((await post(app, { type: 'x', payload: event, priority: 1 })).json().durability, 'spooled')
  }
  await redis.start()
  await eventually(
    'it drains up to the critical threshold',
    () => app.backpressure.signals.isDepthKnown && app.backpressure.signals.depth === 9
  )
  for (let reading = 0; reading < 5; reading++) await app.backpressure.nextSignals()
  t.strictSame([app.backpressure.signals.depth, app.spool?.eventsByPriority[1]], [9, 21])
  await patch(app, { backpressure: null })
  await eventually('all of it is in the queue', () => app.backpressure.signals.depth === 30)
})

import t from 'tap'
import { metric, post, postBatch } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import {
  CONFIGURED, CONTROL, get, history, patch, QUOTAS, rollback, SETTINGS, startReplicas, thresholds
} from './settings-requests.ts'

t.test('thresholds that are set on one replica are in force on all, also after a restart of all, until null returns them', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const { apps, lines } = await startReplicas(t, redis)
  const [one, two, three] = apps
  const before = await one.inject(SETTINGS)
  t.strictSame([before.statusCode, before.headers.etag, before.json()], [200, '"0"', {
    version: 0,
    settings: { backpressure: { mode: 'true', thresholds: CONFIGURED }, control: CONTROL, quotas: QUOTAS },
    overrides: {}
  }])
  const events = Array.from({ length: 60 }, (_, index) => ({ type: 'filling', payload: index, priority: 1 }))
  t.equal((await postBatch(one, events)).statusCode, 202)
  await eventually('all see them', () => apps.every(({ backpressure }) => backpressure.signals.depth === 60))

  const lower = { warning: 20, critical: 50, recovery: 10, hardLimit: 70 }
  const answer = await patch(two, thresholds(lower))
  t.strictSame([answer.statusCode, answer.headers.etag, answer.json()], [200, '"1"', {
    version: 1,
    settings: { backpressure: { mode: 'true', thresholds: lower }, control: CONTROL, quotas: QUOTAS },
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

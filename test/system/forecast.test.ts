import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { eventually } from '../../rig/eventually.ts'
import type { Owner } from '../../rig/owner.ts'
import { startRedis } from '../../rig/redis.ts'
import { connectPatiently } from '../patient-connection.ts'
import { decodeLearned, encodeLearned } from '../../services/forecast/learned-record.ts'
import { metric, postBatch, startApp, type TestAppOptions } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { provenRecord } from '../proven-forecast.ts'
import { KEYS } from '../queue-keys.ts'

interface Answer {
  queue: { totalPending: number }
  control: {
    forecastMode: string
    forecast: { horizonMs: number, depth: number, low: number | null, high: number | null, isTrusted: boolean }[]
    skill: number | null
    preShedShare: number
  }
}
const queue = async (app: FastifyInstance) => (await app.inject('/api/v1/metrics/queue')).json<Answer>()
const forecastOf = async (app: FastifyInstance) => eventually('there is a forecast', async () => {
  const { control } = await queue(app)
  return control.forecast.length > 0 && control
})

const PROVEN = provenRecord()

async function start (t: Owner) {
  const redis = await startRedis(t)
  const client = connectPatiently(redis.url)
  t.teardown(async () => { client.disconnect() })
  await eventually('Redis answers', async () => await client.ping() === 'PONG')
  const startOn = async (t: Owner, options: TestAppOptions = {}) => (await startApp(t, { redis, ...options })).app
  return { client, start: startOn }
}

t.test('a forecast appears, and what it learned outlasts a restart', async (t) => {
  const { client, start: startOn } = await start(t)
  await t.test('without a record', async (t) => {
    const app = await startOn(t)
    const { forecastMode, forecast, skill, preShedShare } = await forecastOf(app)
    t.strictSame(forecast.map(({ horizonMs }) => horizonMs), [10_000, 30_000, 60_000])
    t.strictSame([forecastMode, skill, preShedShare], ['observe', null, 0])
    t.equal(await metric(app, 'spillway_forecast_depth{horizon_seconds="60"}'), 0)
    t.ok(Number.isNaN(await metric(app, 'spillway_forecast_skill{horizon_seconds="60"}')))
  })
  t.type(decodeLearned(await client.get(KEYS.forecast) ?? ''), Object, 'written at the end')
  await client.set(KEYS.forecast, PROVEN)
  for (const attempt of ['first', 'second']) {
    await t.test(`with a record of proven skill, ${attempt} time`, async (t) => {
      const app = await startOn(t)
      const { forecast, skill } = await forecastOf(app)
      t.ok(skill !== null && skill > 0.5)
      t.ok(forecast.every(({ isTrusted, low, high }) => isTrusted && low !== null && high !== null && low <= high))
      t.equal(await metric(app, 'spillway_forecast_acts_total{act="pre-shed-low"}'), 0)
    })
  }
  t.not(await client.get(KEYS.forecast), PROVEN, 'what came since was learned too')
})

t.test('a broken record starts afresh, is said once, and is overwritten', async (t) => {
  const { client, start: startOn } = await start(t)
  const breaks: [name: string, put: () => Promise<unknown>][] = [
    ['damaged', () => client.set(KEYS.forecast, `${PROVEN}0`)],
    ['of another type', () => client.hset(KEYS.forecast, 'a', '1')],
    ['too large', () => client.set(KEYS.forecast, encodeLearned({ stepSeconds: 1, learned: { a: 'x'.repeat(300_000) } }))]
  ]
  for (const [name, put] of breaks) {
    await client.del(KEYS.forecast)
    await put()
    await t.test(name, async (t) => {
      const { log, lines } = capturedLog()
      const app = await startOn(t, { log })
      t.equal((await forecastOf(app)).skill, null)
      t.equal(lines.filter(({ event }) => event === 'forecast-record-broken').length, 1)
    })
    t.type(decodeLearned(await client.get(KEYS.forecast) ?? ''), Object)
  }
})

t.test('off predicts nothing and writes nothing', async (t) => {
  const { client, start: startOn } = await start(t)
  await t.test('running', async (t) => {
    const app = await startOn(t, { env: { FORECAST: 'off' } })
    t.match((await queue(app)).control, { forecastMode: 'off', forecast: [], skill: null })
    t.ok(Number.isNaN(await metric(app, 'spillway_forecast_depth{horizon_seconds="60"}')), 'unknown')
  })
  t.equal(await client.exists(KEYS.forecast), 0)
})

interface Report {
  results: { index: number, status: string, reason?: string }[]
}

/** Nobody works, and 10 low and 10 normal events come again and again: at most 1,000 a second. */
const LIMIT = 0.8 * 10_000
const EVENTS = [9, 5].flatMap((priority) => Array.from({ length: 10 }, () => ({ type: 'x', payload: null, priority })))

async function overload (
  t: Owner, env: Record<string, string>,
  until: (app: FastifyInstance, reasons: Set<string>) => boolean | Promise<boolean>
) {
  const { client, start: startOn } = await start(t)
  await client.set(KEYS.forecast, PROVEN)
  const { log, lines } = capturedLog()
  const app = await startOn(t, {
    log, env: { ...env, QUEUE_RECOVERY_THRESHOLD: '100', QUEUE_WARNING_THRESHOLD: '9000', QUEUE_CRITICAL_THRESHOLD: '10000' }
  })
  await forecastOf(app)
  const refused: { priority: number, reason: string }[] = []
  await eventually('enough has happened', async () => {
    const { results } = (await postBatch(app, EVENTS)).json<Report>()
    for (const { index, status, reason } of results) {
      if (status !== 'accepted') refused.push({ priority: EVENTS[index]!.priority, reason: reason ?? status })
    }
    return await until(app, new Set(refused.map(({ reason }) => reason)))
  })
  return { app, refused, lines }
}

t.test('act refuses a share of low ahead of a breach, and nothing else', async (t) => {
  const { app, refused, lines } = await overload(t, { FORECAST: 'act' }, (_app, reasons) => reasons.size > 0)
  const { queue: { totalPending }, control: { preShedShare } } = await queue(app)
  t.ok(totalPending < LIMIT)
  t.ok(preShedShare > 0 && preShedShare <= 0.5)
  for (const refusal of refused) t.strictSame(refusal, { priority: 9, reason: 'pre-shed' })
  for (const act of ['ask-for-workers', 'pre-shed-low']) {
    t.ok(await metric(app, `spillway_forecast_acts_total{act="${act}"}`) >= 1)
    t.ok(lines.some((line) => line.event === 'forecast-act' && line.act === act))
  }
  t.ok(await metric(app, 'rule_engine_backpressure_rejected_total{priority_class="low",reason="pre-shed"}') > 0)
  t.equal(await metric(app, 'rule_engine_backpressure_rejected_total{priority_class="normal",reason="pre-shed"}'), 0)
})

t.test('act leaves out more of a sample ahead of a breach instead, and refuses nothing', async (t) => {
  const { app, refused, lines } = await overload(t, { FORECAST: 'act', SAMPLING: 'low' }, (_app, reasons) => reasons.size > 0)
  t.ok((await queue(app)).queue.totalPending < LIMIT, 'before the depth calls for a sample')
  for (const refusal of refused) t.strictSame(refusal, { priority: 9, reason: 'sampled' })
  t.ok(await metric(app, 'spillway_forecast_acts_total{act="sample-low-harder"}') >= 1)
  t.equal(await metric(app, 'spillway_forecast_acts_total{act="pre-shed-low"}'), 0)
  t.ok(await metric(app, 'spillway_kept_share{priority_class="low"}') < 1)
  t.ok(lines.some((line) => line.event === 'forecast-act' && line.act === 'sample-low-harder'))
})

const OBSERVING: Record<string, string>[] = [{ FORECAST: 'observe' }, { FORECAST: 'act', ENABLE_BACKPRESSURE: 'observe' }]
for (const env of OBSERVING) {
  t.test(`${Object.keys(env).at(-1)}=observe counts what would have been done, and refuses nothing`, async (t) => {
    const { app, refused, lines } = await overload(t, env, async (app) => (
      await metric(app, 'spillway_forecast_acts_total{act="pre-shed-low"}') > 0
    ))
    t.strictSame(refused, [])
    const acts = env.FORECAST === 'act'
    t.equal((await queue(app)).control.preShedShare > 0, acts)
    t.equal(lines.some(({ event }) => event === 'forecast-act'), acts)
  })
}

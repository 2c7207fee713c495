import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { metric, post, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'

const ENV = { QUEUE_RECOVERY_THRESHOLD: '50', QUEUE_WARNING_THRESHOLD: '100', QUEUE_CRITICAL_THRESHOLD: '500' }

const patch = (app: FastifyInstance, shadow: object | null) => app.inject({
  method: 'PATCH', url: '/api/v1/settings', headers: { 'content-type': 'application/merge-patch+json' },
  payload: JSON.stringify({ shadow })
})

interface Shadow {
  since: string
  settings: object
  circuitState: string
  thresholds: { critical: number }
  byClass: Record<string, object>
  decisions: object[]
}
const shadowOf = async (app: FastifyInstance) =>
  (await app.inject('/api/v1/metrics/queue')).json<{ shadow: Shadow | null }>().shadow
const events = (count: number, priority: number) =>
  Array.from({ length: count }, () => ({ type: 'x', payload: null, priority }))
const agreement = (bothAdmit: number, onlyShadowRefuses: number) =>
  ({ bothAdmit, bothRefuse: 0, onlyLiveRefuses: 0, onlyShadowRefuses })

t.test('a shadow runs on every replica while it is in the settings, counts, and refuses nothing', async (t) => {
  const redis = await startRedis(t)
  const start = async () => (await startApp(t, { redis, env: ENV })).app
  const [one, two] = [await start(), await start()]
  t.equal(await shadowOf(one), null)
  const tried = { backpressure: { thresholds: { critical: 200 } } }
  t.match((await patch(one, tried)).json(), {
    version: 1, overrides: { shadow: tried }, settings: { shadow: tried, backpressure: { thresholds: { critical: 500 } } }
  })
  for (const app of [one, two]) {
    await eventually('it runs', async () => (await shadowOf(app))?.thresholds.critical === 200)
    t.match(await shadowOf(app), { settings: tried, circuitState: 'CLOSED', decisions: [] })
  }
  // The shadow sheds low from 160 and opens at 200; the settings in force shed low from 400.
  t.equal((await postBatch(one, events(300, 1))).statusCode, 202)
  await eventually('both have seen them', async () => (
    (await shadowOf(one))?.circuitState === 'OPEN' && (await shadowOf(two))?.circuitState === 'OPEN'
  ))
  t.equal((await postBatch(two, [...events(2, 5), ...events(3, 9), ...events(1, 1)])).statusCode, 202)
  t.match(await shadowOf(two), {
    byClass: { critical: agreement(1, 0), normal: agreement(0, 2), low: agreement(0, 3) },
    decisions: [
      { priorityClass: 'normal', live: 'admitted', shadow: 'circuit-open', count: 2 },
      { priorityClass: 'low', live: 'admitted', shadow: 'circuit-open', count: 3 },
      { priorityClass: 'critical', live: 'admitted', shadow: 'admitted', count: 1 }
    ]
  })
  t.equal(await metric(
    two, 'spillway_shadow_decisions_total{priority_class="low",live="admitted",shadow="circuit-open"}'
  ), 3)
  t.equal(two.backpressure.signals.circuitState, 'CLOSED')
  t.equal(two.backpressure.rejectedCount, 0)
  t.match((await shadowOf(one))?.byClass, { critical: agreement(300, 0) }, 'each replica counts what came to it')
  await patch(two, null)
  for (const app of [one, two]) {
    await eventually('it has ended', async () => await shadowOf(app) === null)
    t.equal(app.backpressure.shadow, undefined)
  }
  t.equal((await post(two, { type: 'x', payload: 1, priority: 9 })).statusCode, 202)
  await t.rejects(metric(
    two, 'spillway_shadow_decisions_total{priority_class="low",live="admitted",shadow="circuit-open"}'
  ), /no series/)
})

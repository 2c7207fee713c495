import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { eventHandler, metric, post, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'

const ENV = {
  SHEDDING: 'smooth', QUEUE_RECOVERY_THRESHOLD: '400', QUEUE_WARNING_THRESHOLD: '800', QUEUE_CRITICAL_THRESHOLD: '8000'
}

const times = (most: number, priority: number) =>
  Array.from({ length: most }, () => ({ type: 'x', payload: null, priority }))
interface Result { status: string, reason?: string, retryAfterSeconds?: number }
async function postLow (app: FastifyInstance): Promise<Result[]> {
  return (await postBatch(app, times(50, 9))).json<{ results: Result[] }>().results
}
const control = async (app: FastifyInstance) =>
  (await app.inject('/api/v1/metrics/queue')).json<{
    control: { shedding: string, shedShare: number, shedShareByClass: Record<string, number> }
  }>().control

t.test('sheds a share of low that grows with the load, then all of it unread, and none once it is over', async (t) => {
  const { app, redis } = await startApp(t, { env: ENV })
  const { app: replica } = await startApp(t, { env: ENV, redis })
  t.match(await control(app), { shedding: 'smooth', shedShare: 0, shedShareByClass: { critical: 0, normal: 0, low: 0 } })

  const shed = await eventually('some of an array are shed and some are not', async () => {
    const results = await postLow(app)
    const refused = results.find(({ reason }) => reason === 'smooth-shed')
    return results.some(({ status }) => status === 'accepted') ? refused : undefined
  })
  t.match(shed, { status: 'shed', priority: 9 })
  t.ok(shed.retryAfterSeconds! >= 1 && shed.retryAfterSeconds! <= 120)
  const { shedShare, shedShareByClass } = await control(app)
  t.ok(shedShare > 0 && shedShare <= 1)
  t.ok(shedShareByClass.low! > 0)
  t.equal(await metric(app, 'spillway_shed_share{priority_class="critical"}'), 0)
  t.ok(await metric(app, 'spillway_shed_share{priority_class="low"}') > 0)

  const unread = await eventually('low is refused by its header alone', async () => {
    // Above the target of 4,000 the share grows without a load too; at 6,400 all of low would be refused for the depth.
    if (app.backpressure.depth < 5_000) await postLow(app)
    const answer = await post(app, 'this is no event', { 'x-event-priority': '9' })
    return answer.statusCode === 503 ? answer : undefined
  })
  const { detail, reason, retryAfterSeconds, circuitState } = unread.json<Record<string, unknown>>()
  t.match({ reason, circuitState }, { reason: 'smooth-shed', circuitState: 'CLOSED' })
  t.match(detail, /^The queue fills up and a share of the events, low priority first, is refused; the event is not stored\./)
  t.equal(unread.headers['retry-after'], String(retryAfterSeconds))
  t.ok(await metric(app, 'rule_engine_backpressure_rejected_total{priority_class="low",reason="smooth-shed"}') > 0)
  t.equal((await post(app, { type: 'x', payload: null, priority: 1 })).statusCode, 202, 'critical events get in')
  t.ok((await control(replica)).shedShareByClass.low! > 0, 'a replica that was offered nothing sheds too')

  await startApp(t, { env: { ...ENV, ROLE: 'worker' }, redis, handlers: [eventHandler(() => ({ status: 'done' }))] })
  for (const each of [app, replica]) {
    await eventually('nothing is shed any more', async () => (await control(each)).shedShareByClass.low === 0)
    t.equal((await post(each, { type: 'x', payload: null, priority: 9 })).statusCode, 202)
  }
})

t.test('the cliff stays unless smooth shedding is asked for', async (t) => {
  const { app } = await startApp(t, { env: { ...ENV, SHEDDING: 'cliff' } })
  await eventually('low is shed by its depth', async () => {
    return (await postLow(app)).some(({ reason }) => reason === 'low-priority-shed')
  })
  t.match(await control(app), { shedding: 'cliff', shedShare: 0 })
  t.equal(await metric(app, 'rule_engine_backpressure_rejected_total{priority_class="low",reason="smooth-shed"}'), 0)
})

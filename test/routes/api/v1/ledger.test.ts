import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { metric, post, startApp } from '../../../app.ts'
import { bullmqOf } from '../../../bullmq.ts'
import { capturedLog } from '../../../captured-log.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { assertProblem } from './setup.ts'

const rebase = (app: FastifyInstance, body: unknown) => app.inject({
  method: 'POST',
  url: '/api/v1/metrics/ledger/rebase',
  headers: { 'content-type': 'application/json' },
  payload: JSON.stringify(body)
})

t.test('an operator writes an imbalance off with a reason, and a new one shows', async (t) => {
  const { lines, log } = capturedLog('warn')
  const { app } = await startApp(t, { log })
  const loseEvent = async () => {
    await post(app, { type: 'x', payload: 1 })
    const [job] = await bullmqOf(app).getJobs(['prioritized'])
    await job?.remove()
    await app.queue.recount()
  }
  const shown = async () => (await app.inject('/api/v1/metrics/ledger')).json()
  await loseEvent()
  await app.redis.hincrby(app.queue.keys.ledger, 'admission:received:low', 2)
  t.match(await shown(), { imbalance: { admission: 2, queue: 1 }, rebases: [] })
  const answer = await rebase(app, { reason: 'a job was removed by hand' })
  t.strictSame([answer.statusCode, answer.json()], [200, { admission: 2, queue: 1 }])
  const { imbalance, admission, queue, rebases } = await shown()
  t.strictSame(imbalance, { admission: 0, queue: 0 })
  t.strictSame([admission.low.rebased, queue.normal.rebased], [2, 1])
  t.match(rebases, [{ admission: 2, queue: 1, reason: 'a job was removed by hand', by: '127.0.0.1', at: /^20.*Z$/ }])
  t.match(
    lines.filter(({ event }) => event === 'ledger-rebased'),
    [{ admission: 2, queue: 1, reason: 'a job was removed by hand', ip: '127.0.0.1' }]
  )
  await eventually(
    'the metrics say so',
    async () =>
      (await metric(app, 'spillway_ledger_rebased{side="queue"}')) === 1 &&
      (await metric(app, 'spillway_ledger_imbalance{side="queue"}')) === 0
  )
  t.strictSame((await rebase(app, { reason: 'nothing' })).json(), { admission: 0, queue: 0 })
  t.equal((await shown()).rebases.length, 1, 'what is nothing is not kept')
  await loseEvent()
  t.match(await shown(), { imbalance: { admission: 0, queue: 1 } }, 'what comes later shows')
  await Promise.all([rebase(app, { reason: 'one' }), rebase(app, { reason: 'other' })])
  t.match(await shown(), { imbalance: { admission: 0, queue: 0 } }, 'two at once book it once')
})

t.test('no imbalance is written off without a reason', async (t) => {
  const { app, redis } = await startApp(t)
  for (const [body, field] of [
    [{}, 'reason'], [{ reason: ' ' }, 'reason'], [{ reason: 'x'.repeat(501) }, 'reason'], [{ reason: 7 }, 'reason'],
    [{ reason: 'x', events: 3 }, 'events'], [[], '']
  ] as const) {
    const answer = await rebase(app, body)
    assertProblem(t, answer, 400, 'invalid-body', JSON.stringify(body).slice(0, 40))
    t.equal(answer.json().errors[0].field, field)
  }
  await redis.kill()
  assertProblem(t, await rebase(app, { reason: 'x' }), 503, 'queue-unavailable', 'while Redis is away')
})

t.test('only an operator may', async (t) => {
  const { app } = await startApp(t, { env: { ADMIN_TOKEN: 'a token of operators' } })
  t.equal((await rebase(app, { reason: 'x' })).statusCode, 401)
  t.equal((await app.inject('/api/v1/metrics/ledger')).statusCode, 401)
})

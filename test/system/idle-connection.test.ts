import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { idsOf } from '../services/delivery/client.ts'
import { startConsumer } from '../../rig/consumer.ts'
import { metric, post, startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { eventually } from '../../rig/eventually.ts'

const IDLE_MS = 5
const EVENTS = 400

t.test('a consumer that closes idle connections after a short while costs no attempt and no pause, and is called once for each event', async (t) => {
  const consumer = await startConsumer(t, { idleMs: IDLE_MS })
  const { log, lines } = capturedLog('info')
  const env = { ROLE: 'all', DELIVERY_URL: consumer.url, EVENT_ATTEMPTS: '1' }
  const { app } = await startApp(t, { env, handlers: 'configured', log })
  for (let posted = 0; posted < EVENTS; posted++) {
    t.equal((await post(app, { type: 'x', payload: posted })).statusCode, 202)
    // Around the moment in which the connection is closed, now before and now after it.
    await wait(posted % (2 * IDLE_MS))
  }
  await eventually(
    'all have ended',
    async () =>
      await metric(app, 'rule_engine_queue_completed_total') + await metric(app, 'rule_engine_queue_failed_total') ===
        EVENTS
  )
  t.equal(await metric(app, 'rule_engine_queue_failed_total'), 0)
  t.strictSame(lines.filter(({ event }) => /^consumer-|^dead-letters/.test(String(event))), [])
  const ids = consumer.calls.flatMap(idsOf)
  t.strictSame([ids.length, new Set(ids).size], [EVENTS, EVENTS])
  t.strictSame(
    new Set(consumer.calls.flatMap(({ body }) =>
      (JSON.parse(body) as { attempt: number }[]).map(({ attempt }) => attempt)
    )),
    new Set([1])
  )
})

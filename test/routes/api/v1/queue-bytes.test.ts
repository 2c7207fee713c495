import t from 'tap'
import { post, startApp } from '../../../app.ts'
import { assertShed } from './setup.ts'

/** Less than any Redis holds. */
const FEW_BYTES = '1000'
const eventOf = (priority: number) => ({ type: 'x', payload: 1, priority })

t.test('from QUEUE_CRITICAL_BYTES on all but critical events are refused', async (t) => {
  const { app } = await startApp(t, { env: { QUEUE_CRITICAL_BYTES: FEW_BYTES, SPOOL_CLASSES: 'critical' } })
  for (const priority of [5, 10])
    assertShed(t, await post(app, eventOf(priority)), { reason: 'queue-bytes' }, `priority ${priority}`)
  const critical = await post(app, eventOf(1))
  t.match([critical.statusCode, critical.json()], [202, { status: 'accepted', durability: 'queued' }])
  t.equal(app.spool?.batches, 0)
  t.match((await app.inject('/api/v1/metrics/queue')).json().memory.thresholds, { critical: 1_000 })
})

t.test('from QUEUE_HARD_BYTES on nothing is put into Redis, and critical events go into the spool', async (t) => {
  const { app } = await startApp(t, { env: { QUEUE_HARD_BYTES: FEW_BYTES, SPOOL_CLASSES: 'critical' } })
  for (const priority of [5, 10])
    assertShed(t, await post(app, eventOf(priority)), { reason: 'queue-full' }, `priority ${priority}`)
  const critical = await post(app, eventOf(1))
  t.match([critical.statusCode, critical.json()], [202, { status: 'accepted', durability: 'spooled' }])
  t.equal(app.spool?.batches, 1)
  t.match((await app.inject('/api/v1/metrics/queue')).json().memory.thresholds, { hardLimit: 1_000 })
})

t.test('without a spool critical events are refused there too', async (t) => {
  const { app } = await startApp(t, { env: { QUEUE_HARD_BYTES: FEW_BYTES } })
  assertShed(t, await post(app, eventOf(1)), { reason: 'queue-full' }, 'a critical event')
})

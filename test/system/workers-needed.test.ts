import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { eventHandler, metric, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'

t.test('workers that cannot keep up are told to be too few', async (t) => {
  const { app } = await startApp(t, {
    env: {
      ROLE: 'all',
      DRAIN_TARGET_MS: '1000',
      BATCH_MAX_EVENTS: '5',
      RULE_ENGINE_WORKER_CONCURRENCY: '2',
      HANDLER_CONCURRENCY: '1'
    },
    handlers: [eventHandler(async () => {
      await wait(10)
      return { status: 'done' }
    })]
  })
  const needed = async () => (await app.inject('/api/v1/metrics/queue')).json().workers.needed as number | null
  await eventually('an empty queue needs one', async () => await needed() === 1)
  // At most 200 a second: 4,000 take at least 20 s, of which there is one.
  await postBatch(app, Array.from({ length: 4_000 }, () => ({ type: 'x', payload: null })))
  await eventually(
    'a backlog needs more',
    async () => await metric(app, 'spillway_workers_needed') > 10 && Number(await needed()) > 10
  )
})

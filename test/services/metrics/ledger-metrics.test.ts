import { Registry } from '@prometheus-io/client'
import t from 'tap'
import { registerLedgerMetrics } from '../../../services/metrics/ledger-metrics.ts'
import { metric, post, postBatch, startApp } from '../../app.ts'
import { eventually } from '../../../rig/eventually.ts'
import { booked } from '../../booked.ts'
import { readingOf } from '../admission/setup.ts'
import { seriesOf } from './series.ts'

const series = (name: string, priorityClass: string) =>
  `spillway_ledger_${name}_total{priority_class="${priorityClass}"}`

t.test('every event that reaches admission is in the books of all processes', async (t) => {
  const { app, redis } = await startApp(t, {
    env: { QUEUE_RECOVERY_THRESHOLD: '1', QUEUE_WARNING_THRESHOLD: '2', QUEUE_CRITICAL_THRESHOLD: '6' }
  })
  const { app: other } = await startApp(t, { redis })
  const critical = { type: 'x', payload: 1, priority: 1, id: 'a' }
  await post(app, critical)
  await post(other, critical)
  await post(other, { type: 'x', payload: 1, priority: 4 })
  await post(app, { type: 'x' })
  await post(app, 'not even JSON')
  await postBatch(app, [{ type: 'x', payload: 1, priority: 9 }, { payload: 2 }])
  await postBatch(other, Array.from({ length: 4 }, (_, payload) => ({ type: 'x', payload, priority: 3 })))
  await eventually('the circuit is open', () => app.backpressure.signals.circuitState === 'OPEN')
  await post(app, { type: 'x', payload: 1 }, { 'x-event-priority': '9' })
  const expected: [name: string, priorityClass: string, events: number][] = [
    ['received', 'critical', 2],
    ['enqueued', 'critical', 1],
    ['duplicate', 'critical', 1],
    ['received', 'normal', 5],
    ['enqueued', 'normal', 5],
    ['received', 'low', 2],
    ['enqueued', 'low', 1],
    ['shed', 'low', 1],
    ['invalid', 'unknown', 2],
    ['received', 'unknown', 2],
    ['spooled', 'critical', 0],
    ['quota', 'low', 0],
    ['queued', 'critical', 1],
    ['queued', 'normal', 5],
    ['queued', 'low', 1],
    ['done', 'normal', 0],
    ['repeated', 'normal', 0],
    ['dead_lettered', 'low', 0]
  ]
  for (const app2 of [app, other]) {
    await eventually('all is booked', async () => {
      const counts = await Promise.all(expected.map(([name, priorityClass]) =>
        metric(app2, series(name, priorityClass))
      ))
      return counts.every((count, index) => count === expected[index]?.[2])
    })
    t.equal(await metric(app2, 'spillway_ledger_pending{priority_class="normal"}'), 5)
    for (const side of ['admission', 'queue'])
      t.equal(await metric(app2, `spillway_ledger_imbalance{side="${side}"}`), 0)
  }
})

t.test('nothing is shown before the first reading', async (t) => {
  const registry = new Registry()
  const state = { reading: undefined as ReturnType<typeof readingOf> | undefined }
  registerLedgerMetrics(registry, () => state.reading)
  t.strictSame(await seriesOf(registry), {})
  state.reading = readingOf({}, booked({ 'enqueued:5': 7, 'settled:5': 4, 'done:5': 4 }))
  t.match(await seriesOf(registry), {
    'spillway_ledger_done_total{priority_class="normal"}': 4,
    'spillway_ledger_pending{priority_class="normal"}': 3,
    'spillway_ledger_imbalance{side="queue"}': 0
  })
})

import { Registry } from '@prometheus-io/client'
import t from 'tap'
import { BatchMetrics } from '../../../services/metrics/batch-metrics.ts'
import { newBatch, type Batch } from '../../../services/queue/batch.ts'
import { seriesOf } from './series.ts'

const batchOf = (count: number) =>
  newBatch(
    5,
    Array.from(
      { length: count },
      (_, index) => ({ id: `e${index}`, type: 'x', payload: null, priority: 5, receivedAt: '' })
    )
  )

t.test('measures events and seconds of every batch', async (t) => {
  const registry = new Registry()
  const clock = { now: 0 }
  const written: Batch[] = []
  const write = new BatchMetrics(registry).measure(async (batch) => {
    written.push(batch)
    clock.now += 20
  }, () => clock.now)
  for (const count of [1, 3, 128]) await write(batchOf(count), () => {})
  t.strictSame(written.map(({ events }) => events.length), [1, 3, 128])
  t.match(await seriesOf(registry), {
    spillway_batch_events_count: 3,
    spillway_batch_events_sum: 132,
    'spillway_batch_events_bucket{le="1"}': 1,
    'spillway_batch_events_bucket{le="4"}': 2,
    'spillway_batch_events_bucket{le="128"}': 3,
    spillway_batch_write_seconds_count: 3,
    spillway_batch_write_seconds_sum: 0.06,
    'spillway_batch_write_seconds_bucket{le="0.01"}': 0,
    'spillway_batch_write_seconds_bucket{le="0.025"}': 3
  })
})

t.test('measures a batch that could not be written too, and passes its error on', async (t) => {
  const registry = new Registry()
  const clock = { now: 0 }
  const write = new BatchMetrics(registry).measure(async () => {
    clock.now += 1_000
    throw new Error('connection lost')
  }, () => clock.now)
  await t.rejects(write(batchOf(2), () => {}), { message: 'connection lost' })
  t.match(await seriesOf(registry), { spillway_batch_events_count: 1, spillway_batch_write_seconds_sum: 1 })
})

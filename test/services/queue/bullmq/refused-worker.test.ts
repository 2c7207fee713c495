import t from 'tap'
import { BatchWorker } from '../../../../services/queue/bullmq/batch-worker.ts'
import { WorkerSlots } from '../../../../services/queue/bullmq/worker-slots.ts'
import { connectForWorker } from '../../../../services/redis/connection.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { KEYS } from '../../../queue-keys.ts'
import { batchOf, startQueue } from '../setup.ts'

t.test('a worker with jobs to take rarely asks a Redis that refuses writes', async (t) => {
  const { redis, queue, bullmq, connection } = await startQueue(t)
  const blocking = connectForWorker(redis.url)
  const seat = new WorkerSlots(1).join(async () => Infinity)
  const done = async () => ({ done: 1, dead: 0, requeued: 0 })
  const worker = new BatchWorker(blocking, KEYS, seat, done, { concurrency: 1 })
  const refusals: string[] = []
  worker.on('error', ({ message }) => {
    refusals.push(message)
  })
  t.teardown(async () => {
    await worker.close()
    blocking.disconnect()
  })
  // Refuses writes as soon as a worker has the first job, so more are there.
  worker.once('active', () => { void connection.config('SET', 'min-replicas-to-write', 1) })
  for (let count = 0; count < 100; count++) await queue.add(batchOf(1))
  void worker.run()
  await eventually('it is refused', () => refusals.some((message) => message.startsWith('NOREPLICAS')))
  const before = refusals.length
  let answers = 0
  while (refusals.length < before + 3) {
    await connection.ping()
    answers++
  }
  t.ok(answers > 30, `Redis answered ${answers} times between three refusals`)
  await connection.config('SET', 'min-replicas-to-write', 0)
  await eventually('it takes the others', async () => await bullmq.getPrioritizedCount() === 0)
})

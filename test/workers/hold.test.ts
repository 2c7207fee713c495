import t from 'tap'
import { DONE } from '../../services/event/outcome.ts'
import { eventHandler } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { batchOf, startTaking } from '../services/queue/setup.ts'
import { startWorker } from './setup.ts'

const done = eventHandler(() => DONE)

t.test('a worker that waits for work and is held leaves the next batch, and the marker of it, to others', async (t) => {
  const { queue, bullmq, connection, worker, counted } = await startWorker(t, [done])
  const isWaiting = async () => (await connection.info('clients')).includes('blocked_clients:1')
  await eventually('it waits for work', isWaiting)
  worker.hold('consumer-unreachable')
  await queue.add(batchOf(1))
  await eventually('it has stopped waiting', async () => !await isWaiting())
  await eventually('the marker is back', async () => await connection.exists(queue.keys.jobs.marker) === 1)
  t.equal(await bullmq.getPrioritizedCount(), 1)
  t.strictSame(counted, [])
  worker.release('consumer-unreachable')
  await eventually('it is done', () => counted.length === 1)
})

t.test('a worker that is held before it starts takes nothing until it is released', async (t) => {
  const { redis, queue, worker, counted } = await startWorker(t, [done], { isStarted: false })
  const { complete } = await startTaking(t, { redis })
  worker.hold('no-handlers')
  worker.start()
  await queue.add(batchOf(1))
  await complete({ done: 1, dead: 0, requeued: 0 })
  t.strictSame(counted, [], 'another one took the batch')
  worker.release('no-handlers')
  await queue.add(batchOf(2))
  await eventually('it is done', () => counted.length === 1)
})

t.test('takes batches again once no reason is left, however fast they come and go', async (t) => {
  const { queue, worker, counted } = await startWorker(t, [done])
  for (let round = 0; round < 20; round++) {
    worker.hold('no-handlers')
    worker.hold('dead-letters-full')
    worker.hold('dead-letters-full')
    t.strictSame(worker.holds, ['no-handlers', 'dead-letters-full'])
    if (round % 2 === 0) await queue.add(batchOf(1))
    worker.release('no-handlers')
    worker.release('no-handlers')
    t.strictSame(worker.holds, ['dead-letters-full'])
    worker.release('dead-letters-full')
    t.strictSame(worker.holds, [])
  }
  await eventually('all are done', () => counted.length === 10)
})

t.test('ends what is in work while it is held', async (t) => {
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { queue, worker, counted } = await startWorker(t, [
    eventHandler(async () => {
      begun.resolve()
      await goOn.promise
      return DONE
    })
  ])
  await queue.add(batchOf(1))
  await begun.promise
  worker.hold('consumer-unreachable')
  goOn.resolve()
  await eventually('it is settled', async () => (await queue.sample()).done === 1)
  await queue.add(batchOf(1))
  worker.release('consumer-unreachable')
  await eventually('the next one is done', () => counted.length === 2)
})

t.test('a held worker stops', async (t) => {
  const { worker } = await startWorker(t, [done])
  worker.hold('consumer-unreachable')
  await t.resolves(worker.stop(60_000))
  worker.release('consumer-unreachable')
})

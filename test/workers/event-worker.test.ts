import t from 'tap'
import type { Outcome } from '../../services/event/outcome.ts'
import type { NamedHandler } from '../../workers/batch-runner.ts'
import { eventHandler } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { batchOf, byPriority, deadLettersIn } from '../services/queue/setup.ts'
import { startWorker } from './setup.ts'

t.test('counts what became of the events of a batch', async (t) => {
  const outcomes: Outcome[] = [{ status: 'done' }, { status: 'dead', reason: 'unusable' }, {
    status: 'retry',
    reason: 'not now',
    delayMs: 3_600_000
  }, { status: 'done' }]
  const { queue, bullmq, deadLetters, counted, lines } = await startWorker(t, [
    eventHandler(({ payload }) => outcomes[payload as number] as Outcome)
  ])
  await queue.add(batchOf(4, 6))
  await eventually('it is settled', async () => (await queue.sample()).done === 2)
  t.match(counted, [{ done: 2, dead: 1, requeued: 1, deadIndexes: [1], moves: [[/^6-1-/, [2]]] }])
  t.match(await queue.sample(), {
    depthByPriority: byPriority({}),
    delayedByPriority: byPriority({ 6: 1 }),
    enqueuedByPriority: byPriority({ 6: 4 }),
    done: 2,
    dead: 1
  })
  const [retry] = await bullmq.getDelayed()
  t.match(retry?.data.events, [{ id: 'e2', attempt: 2 }])
  t.match(await deadLettersIn(deadLetters), [{
    event: { id: 'e1' },
    reason: 'refused',
    error: 'unusable',
    attempts: 1
  }])
  t.match(lines.filter(({ event }) => event === 'dead-letters'), [{
    level: 40,
    count: 1,
    first: { id: 'e1', type: 'x', attempts: 1, reason: 'refused', error: 'unusable' }
  }])
})

t.test('pauses all workers when a handler asks for it', async (t) => {
  const handler: NamedHandler = {
    name: 'test',
    handler: {
      kind: 'batch',
      handle: async (events) => ({ outcomes: events.map(() => ({ status: 'done' })), pauseMs: 3_600_000 })
    }
  }
  const { queue } = await startWorker(t, [handler])
  await queue.add(batchOf(1))
  await eventually('it is settled', async () => (await queue.sample()).done === 1)
  await queue.add(batchOf(1))
  t.ok((await queue.sample()).pausedForMs > 0)
})

t.test('ends the pause of all workers when a handler finds that it is over, and at a resume', async (t) => {
  const handler: NamedHandler = {
    name: 'test',
    handler: {
      kind: 'batch',
      handle: async (events) => ({ outcomes: events.map(() => ({ status: 'done' })), endsPause: true })
    }
  }
  const { queue, worker } = await startWorker(t, [handler], { isStarted: false })
  await queue.add(batchOf(1))
  await queue.pauseFor(3_600_000)
  await queue.pauseFor(1)
  t.ok((await queue.sample()).pausedForMs > 3_000_000, 'a shorter pause does not shorten it')
  worker.start()
  await queue.resume()
  t.equal((await queue.sample()).pausedForMs, 0)
  await eventually(
    'a worker that waited goes on long before the end of the pause',
    async () => (await queue.sample()).done === 1
  )
  await queue.pauseFor(3_600_000)
  await queue.endPause()
  t.equal((await queue.sample()).pausedForMs, 0)
})

t.test('takes no batch while it is held, for whatever reason, and goes on when it is not', async (t) => {
  const { queue, bullmq, worker } = await startWorker(t, [eventHandler(() => ({ status: 'done' }))], {
    isStarted: false
  })
  worker.hold('consumer-unreachable')
  worker.hold('no-handlers')
  worker.start()
  await queue.add(batchOf(1))
  worker.release('consumer-unreachable')
  t.equal(await bullmq.getPrioritizedCount(), 1)
  worker.release('no-handlers')
  await eventually('it is taken', async () => (await queue.sample()).done === 1)
  worker.hold('consumer-unreachable')
  worker.release('consumer-unreachable')
  await queue.add(batchOf(1))
  await eventually('the next is taken', async () => (await queue.sample()).done === 2)
})

t.test('gives a job up that is no batch, and leaves it to be looked at', async (t) => {
  const { queue, bullmq } = await startWorker(t, [eventHandler(() => ({ status: 'done' }))])
  const { id } = await bullmq.add('foreign', { report: 1 } as never)
  await eventually('it has failed', async () => (await queue.sample()).jobs.failed === 1)
  t.match(await bullmq.getJob(id as string), { failedReason: 'not a batch of events', attemptsMade: 1 })
  t.ok(await bullmq.getJob(id as string))
})

t.test('stops once what it has begun is over, and may be told to more than once', async (t) => {
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { queue, bullmq, worker, counted } = await startWorker(t, [eventHandler(async () => {
    begun.resolve()
    await goOn.promise
    return { status: 'done' }
  })])
  await queue.add(batchOf(1))
  await begun.promise
  const stopped = Promise.all([worker.stop(60_000), worker.stop(60_000)])
  t.strictSame(counted, [])
  goOn.resolve()
  await stopped
  t.strictSame(counted, [{ done: 1, dead: 0, requeued: 0 }])
  await queue.add(batchOf(1))
  t.equal(await bullmq.getPrioritizedCount(), 1, 'and takes nothing more')
})

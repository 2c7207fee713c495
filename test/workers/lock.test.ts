import t from 'tap'
import { DONE, type Outcome } from '../../services/event/outcome.ts'
import { eventHandler } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { batchOf, deadLettersIn, startQueue } from '../services/queue/setup.ts'
import { startWorker } from './setup.ts'

const table: [what: string, outcome: Outcome][] = [
  ['a dead letter', { status: 'dead', reason: 'unusable' }],
  ['a retry', { status: 'retry', reason: 'not now', delayMs: 3_600_000 }]
]
for (const [what, outcome] of table) {
  t.test(`a worker that lost the lock of a batch while it stood still writes nothing of it: ${what}`, async (t) => {
    const begun = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const { queue, bullmq, connection, deadLetters, lines, counted } = await startWorker(t, [
      eventHandler(async () => {
        begun.resolve()
        await goOn.promise
        return outcome
      })
    ])
    const batch = batchOf(1)
    await queue.add(batch)
    await begun.promise
    // As if another worker had taken it meanwhile.
    await connection.set(queue.keys.jobs.lockOf(batch.id), 'the token of another', 'PX', 3_600_000)
    goOn.resolve()
    await eventually('it says so', () => lines.some(({ event }) => event === 'batch-lost'))
    t.strictSame(await deadLettersIn(deadLetters), [])
    t.equal(await bullmq.getDelayedCount(), 0)
    t.strictSame(counted, [])
    t.match(await queue.sample(), { done: 0, dead: 0, jobs: { active: 1 } }, 'it is the other one who ends it')
  })
}

for (
  const [what, learned] of [['a pause', { pauseMs: 3_600_000 }], ['the end of a pause', { endsPause: true }]] as const
) {
  t.test(`a worker that lost the lock of a batch does not have all workers learn what it learned of the consumer: ${what}`, async (t) => {
    const begun = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const handle = async (events: readonly unknown[]) => {
      begun.resolve()
      await goOn.promise
      return { outcomes: events.map(() => DONE), ...learned }
    }
    const { queue, connection, lines } = await startWorker(t, [{ name: 'test', handler: { kind: 'batch', handle } }])
    const batch = batchOf(1)
    await queue.add(batch)
    await begun.promise
    if ('endsPause' in learned) await queue.pauseFor(3_600_000)
    await connection.set(queue.keys.jobs.lockOf(batch.id), 'the token of another', 'PX', 3_600_000)
    goOn.resolve()
    await eventually('it says so', () => lines.some(({ event }) => event === 'batch-lost'))
    t.equal((await queue.sample()).pausedForMs > 0, 'endsPause' in learned)
  })
}

t.test('a batch that comes back to the process which handled it is not handled twice, and what follows is written then', async (t) => {
  const started = await startQueue(t)
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  let runs = 0
  const handler = eventHandler(async ({ payload }) => {
    runs++
    begun.resolve()
    await goOn.promise
    return payload === 0 ? { status: 'dead', reason: 'unusable' } : DONE
  })
  const { queue, connection, deadLetters, lines } = await startWorker(t, [handler], { started })
  const batch = batchOf(2)
  await queue.add(batch)
  await begun.promise
  const key = queue.keys.jobs.lockOf(batch.id)
  await connection.set(key, 'the token of another', 'PX', 3_600_000)
  goOn.resolve()
  await eventually('it is lost', () => lines.some(({ event }) => event === 'batch-lost'))
  await connection.del(key)
  await eventually('it came back and is settled', async () => (await queue.sample()).dead === 1)
  t.match(await deadLettersIn(deadLetters), [{ event: { id: 'e0' } }])
  t.equal(runs, 2, 'each event once')
})

t.test('a batch that ran alone and was lost by a worker that lives is not counted as one that ended it', async (t) => {
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const handler = eventHandler(async () => {
    begun.resolve()
    await goOn.promise
    return { status: 'dead', reason: 'unusable' }
  })
  const { queue, connection, worker, lines } = await startWorker(t, [handler], { isStarted: false })
  const batch = batchOf(1)
  await queue.add(batch)
  const timesAlone = async () => await connection.hget(queue.keys.jobs.of(batch.id), 'alone')
  await connection.hset(queue.keys.jobs.of(batch.id), 'stc', 1)
  worker.start()
  await begun.promise
  t.equal(await timesAlone(), '1')
  await connection.set(queue.keys.jobs.lockOf(batch.id), 'the token of another', 'PX', 3_600_000)
  goOn.resolve()
  await eventually('it is lost', () => lines.some(({ event }) => event === 'batch-lost'))
  await eventually('it is taken back', async () => await timesAlone() === '0')
})

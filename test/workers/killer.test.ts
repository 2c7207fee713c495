import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { newBatch } from '../../services/queue/batch.ts'
import { pino } from 'pino'
import { FailedBatches } from '../../workers/failed-batches.ts'
import { eventually } from '../../rig/eventually.ts'
import { batchOf, eventsOf, deadLettersIn, startQueue } from '../services/queue/setup.ts'

const BESIDE = 5

t.test('an event that ends its worker takes nothing else along: neither the batches beside it nor the events of its own', async (t) => {
  const { redis, queue, deadLetters } = await startQueue(t)
  for (let count = 0; count < BESIDE; count++) await queue.add(batchOf(3))
  await queue.add(newBatch(5, eventsOf(4).map((event, index) => index === 2 ? { ...event, payload: 'kill' } : event)))

  const over = new AbortController()
  t.teardown(() => over.abort())
  const run = async (batchesBeside: number) => {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'killed-worker.ts'), redis.url, String(batchesBeside)],
      { stdio: 'inherit' }
    )
    t.teardown(() => { child.kill('SIGKILL') })
    const [, signal] = await once(child, 'exit')
    return signal
  }
  t.equal(await run(BESIDE), 'SIGKILL', 'all were in work together')
  let deaths = 1
  // A supervisor starts it again and again.
  void (async () => {
    while (!over.signal.aborted && await run(0) === 'SIGKILL') deaths++
  })()
  const failedBatches = new FailedBatches({
    queue,
    deadLetters,
    log: pino({ level: 'silent' }),
    onError: (error) => {
      throw error
    }
  })
  await eventually('it is given up', async () => {
    const { jobs, done, dead } = await queue.sample()
    failedBatches.begin(jobs.failed)
    return done === 3 * BESIDE + 3 && dead === 1
  })
  await failedBatches.ended()
  t.match(await deadLettersIn(deadLetters), [{
    event: { id: 'e2', payload: 'kill' },
    reason: 'batch-failed',
    error: /^its worker ended 3 times while this batch ran alone$/
  }])
  t.ok(
    deaths <= 7,
    `${deaths} times: once among others, once in its batch, three times alone, and more only where the machine stood still`
  )
})

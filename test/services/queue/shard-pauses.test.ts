import t from 'tap'
import { HOUR_MS, startQueue } from './setup.ts'

t.test('pauses and resumes the workers of all processes', async (t) => {
  const { queue } = await startQueue(t)
  for (const isPaused of [true, true]) {
    await queue.pause()
    t.equal((await queue.sample()).isPaused, isPaused)
  }
  await queue.resume()
  t.equal((await queue.sample()).isPaused, false)
})

t.test('tells that the queue is paused, by hand or for a while', async (t) => {
  const { queue, bullmq } = await startQueue(t)
  await queue.pauseFor(HOUR_MS)
  const { isPaused, pausedForMs } = await queue.sample()
  t.equal(isPaused, false)
  t.ok(pausedForMs > 0 && pausedForMs <= HOUR_MS)
  await bullmq.pause()
  t.equal((await queue.sample()).isPaused, true)
  await bullmq.resume()
  t.equal((await queue.sample()).isPaused, false)
})

import t from 'tap'
import type { QueuedEvent } from '../../services/event/event.ts'
import { DONE, type BatchResult } from '../../services/event/outcome.ts'
import { BatchRunner } from '../../workers/batch-runner.ts'
import type { BatchHandler } from '../../workers/handler.ts'
import { capturedLog } from '../captured-log.ts'

const NEVER = new AbortController().signal
const events = (count: number): QueuedEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `e${index}`, type: 'x', payload: index, priority: 5, receivedAt: ''
  }))
const TIMED_OUT = { status: 'retry', reason: 'test timed out' }

const run = async (handler: Omit<BatchHandler, 'kind'>, count = 3) => {
  const handlers = [{ name: 'test', handler: { kind: 'batch' as const, ...handler } }]
  const { log } = capturedLog('silent')
  return await new BatchRunner({ handlers, eventConcurrency: 4, timeoutMs: 20, now: () => 0, log }).run(
    events(count), NEVER, () => false
  )
}

t.test('a batch handler that never resolves frees its slot, and its events use up an attempt', async (t) => {
  const { outcomes } = await run({ handle: () => new Promise<BatchResult>(() => {}) })
  t.strictSame(outcomes, [TIMED_OUT, TIMED_OUT, TIMED_OUT])
})

t.test('a batch handler that heeds its signal may still say what it got done', async (t) => {
  const { outcomes } = await run({
    handle: async (batch, { signal }) => {
      await new Promise((resolve) => { signal.addEventListener('abort', resolve) })
      return { outcomes: batch.map(({ payload }) => payload === 1 ? DONE : { status: 'retry', reason: 'not reached' }) }
    }
  })
  t.match(outcomes, [{ status: 'retry', reason: 'not reached' }, DONE, { status: 'retry' }])
})

t.test('a batch may take as long as its events may in a handler that takes one at a time, or as the handler says', async (t) => {
  const limitOf = async (count: number, leastTimeMs?: (events: number) => number) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    await run({
      handle: async (_batch, { signal }) => {
        await new Promise<void>((cut) => { signal.addEventListener('abort', () => cut()) })
        resolve((signal.reason as Error).message)
        return { outcomes: [] }
      },
      ...(leastTimeMs !== undefined && { leastTimeMs })
    }, count)
    return await promise
  }
  t.equal(await limitOf(4), 'timed out after 20 ms')
  t.equal(await limitOf(5), 'timed out after 40 ms')
  t.equal(await limitOf(2, (count) => count * 50), 'timed out after 100 ms')
  t.equal(await limitOf(2, () => 1), 'timed out after 20 ms')
})

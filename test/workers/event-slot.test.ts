import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import type { QueuedEvent } from '../../services/event/event.ts'
import type { Outcome } from '../../services/event/outcome.ts'
import type { HandlerContext } from '../../workers/handler.ts'
import { EventSlot } from '../../workers/event-slot.ts'
import { capturedLog } from '../captured-log.ts'

const DONE: Outcome = { status: 'done' }

const eventOf = (payload: unknown): QueuedEvent => ({
  id: `e${payload}`,
  type: 'x',
  payload,
  priority: 5,
  receivedAt: ''
})

function startSlot (handle: (event: QueuedEvent, context: HandlerContext) => Promise<Outcome>, timeoutMs = 1) {
  return new EventSlot({ name: 'test', handler: { kind: 'event', handle }, timeoutMs, log: capturedLog('silent').log })
}

/** Resolves at the signal, as a handler does that looks at it. */
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

t.test('times every event, those after one that took too long as well', async (t) => {
  const slot = startSlot(async ({ payload }, { signal }) => {
    await aborted(signal)
    return { status: 'retry', reason: `${payload}: ${(signal.reason as Error).message}` }
  })
  for (const payload of [0, 1, 2])
    t.match(await slot.run(eventOf(payload)), { reason: `${payload}: timed out after 1 ms` })
  slot.close()
})

t.test('gives every event the whole of its time, whatever those before it took', async (t) => {
  const timeoutMs = 50
  const slot = startSlot(async (_event, { signal }) => {
    const startedAt = performance.now()
    const elapsedMs = () => performance.now() - startedAt
    while (!signal.aborted && elapsedMs() < 0.6 * timeoutMs) await nextTurn()
    // A machine that is busy may bring an event to the end of its time; one that is not set back is cut at 0.4 of it.
    return signal.aborted && elapsedMs() < 0.5 * timeoutMs ? { status: 'dead', reason: 'cut too early' } : DONE
  }, timeoutMs)
  for (const payload of [0, 1, 2]) t.strictSame(await slot.run(eventOf(payload)), DONE)
  slot.close()
})

t.test('leaves an event behind that does not look at its signal, and takes its late answer for none of the next one', async (t) => {
  const late = Promise.withResolvers<Outcome>()
  const slot = startSlot(async ({ payload }) => {
    if (payload === 0) return await late.promise
    late.resolve({ status: 'dead', reason: 'late' })
    await late.promise
    return DONE
  })
  t.strictSame(await slot.run(eventOf(0)), { status: 'retry', reason: 'test timed out' })
  t.strictSame(await slot.run(eventOf(1)), DONE)
  slot.close()
})

t.test('a cut without an event in work does nothing, and the first of two cuts counts', async (t) => {
  const slot = startSlot(async (_event, { signal }) => {
    slot.cut('first')
    slot.cut('second')
    return { status: 'retry', reason: signal.reason as string }
  }, 60_000)
  slot.cut('too early')
  t.strictSame(await slot.run(eventOf(0)), { status: 'retry', reason: 'first' })
  slot.close()
})

t.test('takes what a handler throws, at once or later, for its outcome', async (t) => {
  const failed = { status: 'retry', reason: 'test failed', detail: 'test failed: no' }
  for (const handle of [() => { throw new Error('no') }, async () => { throw new Error('no') }]) {
    const slot = startSlot(handle, 60_000)
    t.strictSame(await slot.run(eventOf(0)), failed)
    slot.close()
  }
})

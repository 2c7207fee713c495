import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import type { QueuedEvent } from '../../services/event/event.ts'
import type { BatchResult, Outcome } from '../../services/event/outcome.ts'
import { BatchRunner, type NamedHandler } from '../../workers/batch-runner.ts'
import type { HandlerContext } from '../../workers/handler.ts'
import { capturedLog } from '../captured-log.ts'

const DONE: Outcome = { status: 'done' }
/** The outcome of an event whose handler threw: only the dead letter tells what. */
const failed = (message: string) => ({ status: 'retry', reason: 'test failed', detail: `test failed: ${message}` })

const NEVER = new AbortController().signal
const notDraining = () => false

const events = (count: number, more: Partial<QueuedEvent> = {}): QueuedEvent[] =>
  Array.from(
    { length: count },
    (_, index) => ({ id: `e${index}`, type: 'x', payload: index, priority: 5, receivedAt: '', ...more })
  )

const byEvent = (
  name: string,
  handle: (event: QueuedEvent, context: HandlerContext) => Outcome | Promise<Outcome>
): NamedHandler => ({ name, handler: { kind: 'event', handle: async (event, context) => handle(event, context) } })

const byBatch = (
  name: string,
  handle: (events: readonly QueuedEvent[], context: HandlerContext) => BatchResult | Promise<BatchResult>
): NamedHandler => ({ name, handler: { kind: 'batch', handle: async (events, context) => handle(events, context) } })

const runnerOf = (
  handlers: NamedHandler[],
  { eventConcurrency = 4, timeoutMs = 60_000, log = capturedLog('silent').log, now = () => Date.now() } = {}
) => new BatchRunner({ handlers, eventConcurrency, timeoutMs, now, log })

t.test('runs handlers one after the other, each on the events that passed the ones before', async (t) => {
  const seen: string[] = []
  const runner = runnerOf([
    byEvent('first', ({ id, payload }) => {
      seen.push(`first ${id}`)
      return payload === 1 ? { status: 'dead', reason: 'unusable' } : DONE
    }),
    byBatch('second', (batch) => {
      seen.push(`second ${batch.map(({ id }) => id)}`)
      return { outcomes: batch.map(({ payload }) => payload === 2 ? { status: 'retry', reason: 'busy' } : DONE) }
    }),
    byEvent('third', ({ id }) => {
      seen.push(`third ${id}`)
      return DONE
    })
  ])
  const { outcomes, pauseMs } = await runner.run(events(4), NEVER, notDraining)
  t.strictSame(outcomes, [DONE, { status: 'dead', reason: 'unusable' }, { status: 'retry', reason: 'busy' }, DONE])
  t.equal(pauseMs, 0)
  t.strictSame(seen, ['first e0', 'first e1', 'first e2', 'first e3', 'second e0,e2,e3', 'third e0', 'third e3'])
})

t.test('without handlers every event is done', async (t) => {
  t.strictSame(await runnerOf([]).run(events(2), NEVER, notDraining), {
    outcomes: [DONE, DONE], pauseMs: 0, wasRefused: false, endsPause: false
  })
})

t.test('notes the handlers that an event has passed and does not run them again', async (t) => {
  const runs: string[] = []
  const failures = ['once']
  const runner = runnerOf([
    byEvent('first', ({ id }) => {
      runs.push(`first ${id}`)
      return DONE
    }),
    byBatch('second', (batch) => {
      runs.push(`second ${batch.map(({ id }) => id)}`)
      return { outcomes: batch.map(() => failures.pop() === undefined ? DONE : { status: 'retry', reason: 'once' }) }
    })
  ])
  const batch = events(1)
  t.match((await runner.run(batch, NEVER, notDraining)).outcomes, [{ status: 'retry' }])
  t.strictSame(batch[0]?.completedSteps, ['first'])
  t.strictSame((await runner.run(batch, NEVER, notDraining)).outcomes, [DONE])
  t.strictSame(runs, ['first e0', 'second e0', 'second e0'])
})

t.test('notes nothing in events that are all done', async (t) => {
  const batch = events(3)
  const runner = runnerOf([
    byEvent('first', () => DONE),
    byBatch('second', (batch) => ({ outcomes: batch.map(() => DONE) }))
  ])
  t.strictSame((await runner.run(batch, NEVER, notDraining)).outcomes, [DONE, DONE, DONE])
  t.strictSame(batch, events(3))
})

t.test('runs no handler twice on an event, whichever handlers fail for it in whichever order', async () => {
  const NAMES = ['first', 'second', 'third']
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(2), fc.nat(3)), { maxLength: 20 }),
      fc.integer({ min: 1, max: 5 }),
      async (failures, count) => {
        const left = new Set(failures.map(([handler, event]) => `${NAMES[handler]} e${event}`))
        const passed: string[] = []
        const answer = (name: string, { id }: QueuedEvent): Outcome => {
          if (left.delete(`${name} ${id}`)) return { status: 'retry', reason: 'once' }
          passed.push(`${name} ${id}`)
          return DONE
        }
        const runner = runnerOf(NAMES.map((name, index) =>
          index % 2 === 0
            ? byEvent(name, (event) => answer(name, event))
            : byBatch(name, (batch) => ({ outcomes: batch.map((event) => answer(name, event)) }))
        ))
        let open = events(count)
        while (open.length > 0) {
          const { outcomes } = await runner.run(open, NEVER, notDraining)
          open = open.filter((_, index) => outcomes[index]?.status === 'retry')
        }
        const all = NAMES.flatMap((name) => events(count).map(({ id }) => `${name} ${id}`))
        return JSON.stringify(passed.toSorted()) === JSON.stringify(all.toSorted())
      }
    ),
    { numRuns: 50 }
  )
})

t.test('a handler that all events have passed is not called at all', async (t) => {
  const runner = runnerOf([byBatch('second', () => { throw new Error('called') })])
  t.strictSame((await runner.run(events(2, { completedSteps: ['second'] }), NEVER, notDraining)).outcomes, [DONE, DONE])
})

t.test('an event that throws is retried, and the others are done', async (t) => {
  const runner = runnerOf([byEvent('test', ({ payload }) => {
    if (payload === 0) throw new Error('no')
    if (payload === 1) throw 'not even an error' // oxlint-disable-line no-throw-literal
    return DONE
  })])
  t.strictSame((await runner.run(events(3), NEVER, notDraining)).outcomes, [
    failed('no'),
    failed('not even an error'),
    DONE
  ])
})

t.test('a batch handler that throws has all its events retried', async (t) => {
  const runner = runnerOf([byBatch('test', () => { throw new Error('no') })])
  t.strictSame((await runner.run(events(2), NEVER, notDraining)).outcomes, [failed('no'), failed('no')])
})

t.test('an event without an outcome is retried', async (t) => {
  for (const [claim, outcomes] of [['none', []], ['too few', [DONE]]] as const) {
    const runner = runnerOf([byBatch('test', () => ({ outcomes: [...outcomes] }))])
    const result = (await runner.run(events(3), NEVER, notDraining)).outcomes
    t.strictSame(result.slice(0, outcomes.length), outcomes, claim)
    for (const outcome of result.slice(outcomes.length))
      t.match(outcome, { status: 'retry', reason: /^test .* no outcome$/ }, claim)
  }
  const runner = runnerOf([byEvent('test', () => undefined as never)])
  t.match((await runner.run(events(1), NEVER, notDraining)).outcomes, [{ status: 'retry', reason: /no outcome/ }])
  const generous = runnerOf([byBatch('test', (batch) => ({ outcomes: [...batch, ...batch].map(() => DONE) }))])
  t.strictSame((await generous.run(events(2), NEVER, notDraining)).outcomes, [DONE, DONE], 'too many do no harm')
})

t.test('a batch handler that answers nothing at all has its events retried', async (t) => {
  for (const answer of [undefined, null, {}]) {
    const runner = runnerOf([byBatch('test', () => answer as never)])
    t.match((await runner.run(events(2), NEVER, notDraining)).outcomes, [{ status: 'retry' }, { status: 'retry' }])
  }
})

t.test('answers the longest pause that a handler asked for', async (t) => {
  const pausing = (name: string, pauseMs?: number) =>
    byBatch(name, (batch) => ({ outcomes: batch.map(() => DONE), ...(pauseMs !== undefined && { pauseMs }) }))
  t.equal(
    (await runnerOf([pausing('a', 10), pausing('b'), pausing('c', 30), pausing('d', 20)]).run(
      events(1),
      NEVER,
      notDraining
    )).pauseMs,
    30
  )
})

t.test('runs so many events of a batch together, and no more', async (t) => {
  await t
    .resolves(fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 10 }),
        async (count, eventConcurrency) => {
          const state = { running: 0, most: 0 }
          const runner = runnerOf([byEvent('test', async ({ payload }) => {
            state.most = Math.max(state.most, ++state.running)
            for (let turn = 0; turn <= Number(payload) % 3; turn++) await nextTurn()
            state.running--
            return DONE
          })], { eventConcurrency })
          const { outcomes } = await runner.run(events(count), NEVER, notDraining)
          return state.most === Math.min(count, eventConcurrency) && outcomes.length === count &&
            outcomes.every(({ status }) => status === 'done')
        }
      ),
      { numRuns: 50 }
    ))
})

t.test('hands every handler a log that names it', async (t) => {
  const { log, lines } = capturedLog()
  await runnerOf([
    byEvent('first', (_event, { log }) => {
      log.info('hello')
      return DONE
    }),
    byBatch('second', (batch, { log }) => {
      log.info('hello')
      return { outcomes: batch.map(() => DONE) }
    })
  ], { log }).run(events(1), NEVER, notDraining)
  t.match(lines, [{ handler: 'first', msg: 'hello' }, { handler: 'second', msg: 'hello' }])
})

t.test('a handler that takes too long is told by its signal, and its event uses up an attempt', async (t) => {
  const signals: AbortSignal[] = []
  const runner = runnerOf([byEvent('slow', async ({ payload }, { signal }) => {
    if (payload !== 0) return DONE
    signals.push(signal)
    return await new Promise<Outcome>(() => {})
  })], { timeoutMs: 1 })
  const { outcomes } = await runner.run(events(2), NEVER, notDraining)
  t.match(outcomes, [{ status: 'retry', reason: 'slow timed out' }, DONE])
  t.not((outcomes[0] as { countsAsAttempt?: boolean }).countsAsAttempt, false)
  t.match(signals, [{ aborted: true, reason: { name: 'TimeoutError' } }])
})

t.test('a handler that heeds its signal may still say what it got done', async (t) => {
  const answers: Outcome[] = [{ status: 'retry', reason: 'half of it', completedSteps: ['webhook 1'] }, DONE, {
    status: 'dead',
    reason: 'unusable'
  }]
  const runner = runnerOf([byEvent('slow', async ({ payload }, { signal }) => {
    await new Promise((resolve) => { signal.addEventListener('abort', resolve, { once: true }) })
    return answers[payload as number] as Outcome
  })], { timeoutMs: 1 })
  t.strictSame((await runner.run(events(3), NEVER, notDraining)).outcomes, answers)
})

t.test('a handler that throws because of its signal has timed out, not failed', async (t) => {
  const runner = runnerOf([byEvent('slow', async (_event, { signal }) => {
    await new Promise((resolve) => { signal.addEventListener('abort', resolve, { once: true }) })
    throw new Error('aborted')
  })], { timeoutMs: 1 })
  t.strictSame((await runner.run(events(1), NEVER, notDraining)).outcomes, [{
    status: 'retry',
    reason: 'slow timed out'
  }])
})

t.test('the signal of one event says nothing to another', async (t) => {
  const seen: boolean[] = []
  const runner = runnerOf([byEvent('slow', async ({ payload }, { signal }) => {
    if (payload === 0) await new Promise((resolve) => { signal.addEventListener('abort', resolve, { once: true }) })
    seen.push(signal.aborted)
    return DONE
  })], { timeoutMs: 1, eventConcurrency: 1 })
  await runner.run(events(2), NEVER, notDraining)
  t.strictSame(seen, [true, false])
})

t.test('a stop of the process ends what runs, and costs no attempt', async (t) => {
  const stop = new AbortController()
  const begun: unknown[] = []
  const runner = runnerOf([byEvent('slow', async ({ payload }) => {
    begun.push(payload)
    stop.abort('the worker is stopping')
    return await new Promise<Outcome>(() => {})
  })], { eventConcurrency: 1 })
  const { outcomes } = await runner.run(events(3), stop.signal, notDraining)
  t.strictSame(begun, [0], 'nothing further begins')
  t.match(outcomes, [0, 1, 2].map(() => ({ status: 'retry', countsAsAttempt: false })))
})

t.test('a batch handler sees the stop of the process by its signal', async (t) => {
  const stop = new AbortController()
  const runner = runnerOf([byBatch('slow', async (batch, { signal }) => {
    stop.abort('the worker is stopping')
    return {
      outcomes: batch.map(() =>
        signal.aborted ? { status: 'retry', reason: 'interrupted', countsAsAttempt: false } : DONE
      )
    }
  })])
  t.match((await runner.run(events(1), stop.signal, notDraining)).outcomes, [{
    status: 'retry',
    reason: 'interrupted',
    countsAsAttempt: false
  }])
})

t.test('a batch handler that throws because the process stops uses up no attempt', async (t) => {
  const stop = new AbortController()
  const runner = runnerOf([byBatch('slow', async (_batch, { signal }) => {
    stop.abort('the worker is stopping')
    signal.throwIfAborted()
    return { outcomes: [] }
  })])
  t.match((await runner.run(events(1), stop.signal, notDraining)).outcomes, [{
    status: 'retry',
    countsAsAttempt: false
  }])
})

t.test('a draining worker ends the events that it has begun and leaves the others as they were', async (t) => {
  const state = { isDraining: false }
  const runner = runnerOf([byEvent('test', async ({ payload }) => {
    if (payload === 1) state.isDraining = true
    await nextTurn()
    return DONE
  })], { eventConcurrency: 2 })
  const batch = events(5, { attempt: 2 })
  const { outcomes } = await runner.run(batch, NEVER, () => state.isDraining)
  t.match(outcomes, [DONE, DONE, ...[2, 3, 4].map(() => ({ status: 'retry', delayMs: 0, countsAsAttempt: false }))])
  t.strictSame(batch.map(({ completedSteps }) => completedSteps), [['test'], ['test'], undefined, undefined, undefined])
})

t.test('a draining worker does not begin the next handler', async (t) => {
  const state = { isDraining: false }
  const runner = runnerOf([
    byEvent('first', () => {
      state.isDraining = true
      return DONE
    }),
    byBatch('second', () => {
      throw new Error('called')
    })
  ])
  const batch = events(1)
  t.match((await runner.run(batch, NEVER, () => state.isDraining)).outcomes, [{
    status: 'retry',
    delayMs: 0,
    countsAsAttempt: false
  }])
  t.strictSame(batch[0]?.completedSteps, ['first'], 'the first one is not run again')
})

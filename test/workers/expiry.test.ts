import t from 'tap'
import type { QueuedEvent } from '../../services/event/event.ts'
import { EXPIRED, type Outcome } from '../../services/event/outcome.ts'
import { newBatch } from '../../services/queue/batch.ts'
import { BatchRunner, type NamedHandler } from '../../workers/batch-runner.ts'
import { sortOutcomes } from '../../workers/batch-outcome.ts'
import { eventually } from '../../rig/eventually.ts'
import { eventHandler } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { byPriority, deadLettersIn } from '../services/queue/setup.ts'
import { startWorker } from './setup.ts'

const NOW = 1_750_000_000_000
const at = (leftMs: number) => new Date(NOW + leftMs).toISOString()
const event = (id: string, leftMs?: number, more: Partial<QueuedEvent> = {}): QueuedEvent => ({
  id, type: 'x', payload: 1, priority: 6, receivedAt: at(-60_000),
  ...(leftMs !== undefined && { expiresAt: at(leftMs) }), ...more
})
const run = async (events: readonly QueuedEvent[], handlers: NamedHandler[], clock: { now: number }) => {
  const { log } = capturedLog('silent')
  const runner = new BatchRunner({ handlers, eventConcurrency: 1, timeoutMs: 60_000, now: () => clock.now, log })
  return (await runner.run(events, new AbortController().signal, () => false)).outcomes
}

t.test('a batch with mixed deadlines: no handler sees an event after its own', async (t) => {
  const clock = { now: NOW }
  const seen: string[] = []
  const handler = eventHandler(({ id }) => {
    seen.push(id)
    clock.now += 1_000
    return { status: 'done' }
  })
  const events = [event('late', 0), event('first', 1), event('plain'), event('missed', 2_000), event('met', 2_001)]
  const outcomes = await run(events, [handler], clock)
  t.strictSame(seen, ['first', 'plain', 'met'])
  t.strictSame(outcomes.map(({ status }) => status), ['expired', 'done', 'done', 'expired', 'done'])
})

t.test('a deadline that passes in one handler keeps the event from the next, and from none at all', async (t) => {
  const clock = { now: NOW }
  const seen: string[] = []
  const batch = (name: string): NamedHandler => ({
    name,
    handler: {
      kind: 'batch',
      handle: async (events) => {
        seen.push(`${name}: ${events.map(({ id }) => id).join()}`)
        clock.now += 1_000
        return { outcomes: events.map((): Outcome => ({ status: 'done' })) }
      }
    }
  })
  t.strictSame((await run([event('a', 500), event('b')], [batch('one'), batch('two')], clock)).map(({ status }) => status), [
    'expired', 'done'
  ])
  t.strictSame(seen, ['one: a,b', 'two: b'])
  t.strictSame(await run([event('a', 0)], [], clock), [EXPIRED])
})

t.test('a retry that would be due after the deadline expires instead of waiting; the last failure is a dead letter', async (t) => {
  const options = {
    maxAttempts: 3, maxDeferrals: 5, maxDeferralMs: 60_000, backoffBaseMs: 1_000, random: 0, now: NOW,
    trustedNow: () => NOW
  }
  const retry: Outcome = { status: 'retry', reason: 'not now', delayMs: 5_000 }
  const putBack: Outcome = { status: 'retry', reason: 'stopping', delayMs: 0, countsAsAttempt: false }
  const events = [
    event('before', 5_000), event('after', 5_001), event('last', 5_000, { attempt: 3 }), event('gone', -1), event('there', 1)
  ]
  const { expired, requeues, deadLetters } = sortOutcomes(events, [retry, retry, retry, putBack, putBack], options)
  t.strictSame(expired, [0, 3])
  t.strictSame(requeues.flatMap(({ indexes }) => indexes), [1, 4])
  t.strictSame(deadLetters.map(({ index }) => index), [2])
})

t.test('the ledger counts expired events, which leave the queue for good', async (t) => {
  const outcomes: Record<string, Outcome> = {
    done: { status: 'done' }, dead: { status: 'dead', reason: 'unusable' },
    retry: { status: 'retry', reason: 'not now', delayMs: 3_600_000 }
  }
  const { queue, deadLetters, counted } = await startWorker(t, [
    eventHandler(({ id }) => outcomes[id] as Outcome)
  ], { now: () => NOW })
  const batch = newBatch(6, [event('late', -1), event('done', 1), event('dead'), event('retry', 60_000)])
  await queue.add(batch)
  await eventually('it is settled', async () => (await queue.sample()).done === 1)
  t.match(counted, [{ done: 1, dead: 1, expired: 2, requeued: 0, deadIndexes: [2], expiredIndexes: [0, 3] }])
  t.match(await queue.sample(), {
    depthByPriority: byPriority({}), delayedByPriority: byPriority({}), done: 1, dead: 1, expired: 2,
    balance: { queue: { low: { enqueued: 4, done: 1, deadLettered: 1, expired: 2, pending: 0 } }, imbalance: { queue: 0 } }
  })
  t.match(await deadLettersIn(deadLetters), [{ event: { id: 'dead' } }])
  t.match(await queue.trace(batch.id), { state: 'settled', deadIndexes: [2], expiredIndexes: [0, 3] })
  const lateAlone = newBatch(6, [event('late-too', -1)])
  await queue.add(lateAlone)
  await eventually('it is settled', async () => (await queue.sample()).expired === 3)
  t.match(await queue.trace(lateAlone.id), { state: 'settled', deadIndexes: [], expiredIndexes: [0] })
})

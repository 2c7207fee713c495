import fc from 'fast-check'
import t from 'tap'
import type { QueuedEvent } from '../../services/event/event.ts'
import type { Outcome } from '../../services/event/outcome.ts'
import { afterAttempt, sortOutcomes } from '../../workers/batch-outcome.ts'

const LIMITS = { maxAttempts: 3, maxDeferrals: 5, maxDeferralMs: 60_000 }
const NOW = 1_000_000
const OPTIONS = { ...LIMITS, backoffBaseMs: 1_000, random: 0, now: NOW, trustedNow: () => NOW }
const event = (id: string, more: Partial<QueuedEvent> = {}): QueuedEvent => ({
  id,
  type: 'x',
  payload: null,
  priority: 5,
  receivedAt: '',
  ...more
})
const retry = (more: object = {}): Outcome => ({ status: 'retry', reason: 'not now', ...more })

t.test('sorts an event by its outcome and its attempts', async (t) => {
  const table: [
    claim: string,
    attempt: number | undefined,
    outcome: Outcome,
    result: {
      done?: number,
      requeue?: [delayMs: number, attempt: number | undefined],
      dead?: [reason: string, attempts: number]
    }
  ][] = [
    ['done', undefined, { status: 'done' }, { done: 1 }],
    ['done at the last attempt', 3, { status: 'done' }, { done: 1 }],
    ['first failure', undefined, retry(), { requeue: [500, 2] }],
    ['second failure', 2, retry(), { requeue: [1_000, 3] }],
    ['third and last failure', 3, retry(), { dead: ['not now', 3] }],
    ['a failure beyond the last', 4, retry(), { dead: ['not now', 4] }],
    ['its own delay', undefined, retry({ delayMs: 7 }), { requeue: [7, 2] }],
    ['no delay', 2, retry({ delayMs: 0 }), { requeue: [0, 3] }],
    ['a failure that does not count', undefined, retry({ countsAsAttempt: false }), { requeue: [500, undefined] }],
    ['one at the last attempt', 3, retry({ countsAsAttempt: false, delayMs: 0 }), { requeue: [0, 3] }],
    ['one that counts expressly', 3, retry({ countsAsAttempt: true }), { dead: ['not now', 3] }],
    ['refused for good', undefined, { status: 'dead', reason: 'unusable' }, { dead: ['unusable', 1] }],
    ['refused for good later', 2, { status: 'dead', reason: 'unusable' }, { dead: ['unusable', 2] }]
  ]
  for (const [claim, attempt, outcome, result] of table) {
    const input = event('e', attempt === undefined ? {} : { attempt })
    const { done, requeues, deadLetters } = sortOutcomes([input], [outcome], OPTIONS)
    t.equal(done, result.done ?? 0, claim)
    t.strictSame(
      requeues.map(({ delayMs, events, indexes }) => [delayMs, events[0]?.attempt, indexes]),
      result.requeue ? [[...result.requeue, [0]]] : [],
      claim
    )
    t.strictSame(
      deadLetters,
      result.dead
        ? [{
          index: 0,
          deadLetter: {
            event: input,
            reason: outcome.status === 'dead' ? 'refused' : 'attempts-exhausted',
            error: result.dead[0],
            attempts: result.dead[1]
          }
        }]
        : [],
      claim
    )
  }
})

t.test('puts events with the same delay back together, with their places', async (t) => {
  const events = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => event(id))
  const { done, requeues, deadLetters } = sortOutcomes(events, [
    retry(),
    { status: 'done' },
    retry({ delayMs: 0, countsAsAttempt: false }),
    retry(),
    { status: 'dead', reason: 'unusable' },
    retry({ delayMs: 0, countsAsAttempt: false })
  ], OPTIONS)
  t.equal(done, 1)
  t.strictSame(requeues.map(({ delayMs, events, indexes }) => [delayMs, events.map(({ id }) => id), indexes]), [[500, [
    'a',
    'd'
  ], [0, 3]], [0, ['c', 'f'], [2, 5]]])
  t.strictSame(deadLetters.map(({ index }) => index), [4])
})

t.test('an event keeps what it was and learns the steps that it has passed', async (t) => {
  const input = event('e', { completedSteps: ['rules'], organizationId: 'o', attributes: { source: '/s' }, hops: 2 })
  const [requeue] = sortOutcomes([input], [retry({ completedSteps: ['webhook 1', 'rules'] })], OPTIONS).requeues
  t.strictSame(requeue?.events, [{ ...input, attempt: 2, completedSteps: ['rules', 'webhook 1'] }])
  t.strictSame(input.completedSteps, ['rules'], 'the event that was given stays as it is')
  t.strictSame(sortOutcomes([event('e')], [retry()], OPTIONS).requeues[0]?.events, [event('e', { attempt: 2 })])
})

t.test('loses no event and doubles none', async (t) => {
  const outcome: fc.Arbitrary<Outcome> = fc.oneof(
    fc.constant<Outcome>({ status: 'done' }),
    fc.constant<Outcome>({ status: 'dead', reason: 'unusable' }),
    fc.record({
      status: fc.constant('retry' as const),
      reason: fc.constant('not now'),
      delayMs: fc.nat({ max: 3 }),
      countsAsAttempt: fc.boolean()
    }, { requiredKeys: ['status', 'reason'] })
  )
  const item = fc.record({ attempt: fc.integer({ min: 1, max: 5 }), outcome })
  t.doesNotThrow(() =>
    fc.assert(fc.property(
      fc.array(item, { maxLength: 30 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (items, random) => {
        const events = items.map(({ attempt }, index) => event(`e${index}`, { attempt }))
        const { done, requeues, deadLetters } = sortOutcomes(events, items.map(({ outcome }) => outcome), {
          ...OPTIONS,
          random
        })
        const places = [...requeues.flatMap(({ indexes }) => indexes), ...deadLetters.map(({ index }) => index)]
        return new Set(places).size === places.length && places.length + done === events.length &&
          requeues.every(({ events, indexes }) => events.every(({ id }, place) => id === `e${indexes[place]}`)) &&
          new Set(requeues.map(({ delayMs, isRetry }) => `${delayMs} ${isRetry}`)).size === requeues.length
      }
    ))
  )
})

t.test('a retry that uses up the last attempt is a death', async (t) => {
  const dead = { status: 'dead', reason: 'not now' }
  t.strictSame(afterAttempt(event('a', { attempt: 3 }), retry(), LIMITS, NOW), dead)
  t.strictSame(afterAttempt(event('a', { attempt: 2 }), retry(), LIMITS, NOW), retry())
  t.strictSame(
    afterAttempt(event('a', { attempt: 3 }), retry({ countsAsAttempt: false }), LIMITS, NOW),
    retry({ countsAsAttempt: false })
  )
  t.strictSame(afterAttempt(event('a'), { status: 'done' }, { ...LIMITS, maxAttempts: 1 }, NOW), { status: 'done' })
})

t.test('a dead letter keeps the words of others, which the reason has not', async (t) => {
  const { deadLetters } = sortOutcomes([event('a')], [{
    status: 'dead',
    reason: 'refused',
    detail: 'refused: no such device'
  }], OPTIONS)
  t.equal(deadLetters[0]?.deadLetter.error, 'refused: no such device')
})

t.test('an event that is put off is counted, and uses up attempts from a number or an age on', async (t) => {
  const putOff = (deferral: 'own' | 'asking') => retry({ delayMs: 1, countsAsAttempt: false, deferral })
  const table: [
    claim: string, deferrals: QueuedEvent['deferrals'], outcome: Outcome, counted: QueuedEvent['deferrals'],
    attempt: number | undefined
  ][] = [
    ['first', undefined, putOff('own'), { count: 1, sinceMs: NOW }, undefined],
    ['again', { count: 1, sinceMs: NOW - 10 }, putOff('own'), { count: 2, sinceMs: NOW - 10 }, undefined],
    ['too often', { count: 5, sinceMs: NOW - 10 }, putOff('own'), { count: 6, sinceMs: NOW - 10 }, 2],
    ['for too long', { count: 1, sinceMs: NOW - 60_000 }, putOff('own'), { count: 2, sinceMs: NOW - 60_000 }, 2],
    ['as one that asks, too often', { count: 5, sinceMs: NOW }, putOff('asking'), { count: 6, sinceMs: NOW }, 2],
    ['as one that asks, however long', { count: 1, sinceMs: 0 }, putOff('asking'), { count: 2, sinceMs: 0 }, undefined],
    [
      'put back unsent', { count: 5, sinceMs: 0 }, retry({ delayMs: 1, countsAsAttempt: false }),
      { count: 5, sinceMs: 0 }, undefined
    ]
  ]
  for (const [claim, deferrals, outcome, counted, attempt] of table) {
    const [requeue] = sortOutcomes([event('e', deferrals && { deferrals })], [outcome], OPTIONS).requeues
    t.strictSame([requeue?.events[0]?.deferrals, requeue?.events[0]?.attempt], [counted, attempt], claim)
  }
  t.match(
    sortOutcomes([event('e', { attempt: 3, deferrals: { count: 5, sinceMs: NOW } })], [putOff('own')], OPTIONS)
      .deadLetters,
    [{ deadLetter: { reason: 'attempts-exhausted', attempts: 3 } }]
  )
  t.strictSame(
    afterAttempt(event('e', { attempt: 3, deferrals: { count: 5, sinceMs: NOW } }), putOff('own'), LIMITS, NOW),
    { status: 'dead', reason: 'not now' }
  )
})

t.test('an event that is put off every time ends, and one that is only put back does not', async () => {
  fc.assert(fc.property(
    fc.constantFrom('own' as const, 'asking' as const),
    fc.nat(10),
    fc.integer({ min: 1, max: 5 }),
    (deferral, maxDeferrals, maxAttempts) => {
      const options = { ...OPTIONS, maxDeferrals, maxAttempts }
      let current = event('e')
      for (let runs = 1; runs < 100; runs++) {
        const { requeues } = sortOutcomes([current], [retry({ countsAsAttempt: false, deferral })], options)
        if (requeues[0] === undefined) return runs === maxDeferrals + maxAttempts
        current = requeues[0].events[0] as QueuedEvent
      }
      return false
    }
  ))
})

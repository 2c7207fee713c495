import fc from 'fast-check'
import t from 'tap'
import type { AdmissionMode } from '../../../services/admission/mode.ts'
import { BEST_DRAW, eventOffer, headOffer } from '../../../services/admission/offer.ts'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import { recordedPolicy, startGate, THRESHOLDS } from './setup.ts'
import { admit, outcome, permitOf } from './answers.ts'

t.test('nothing is known before the first reading, and only critical is tried', async (t) => {
  const { gate } = await startGate()
  t.equal(gate.signals.isDepthKnown, false)
  t.strictSame([1, 5, 9].map((priority) => outcome(admit(gate, priority))), [
    'admitted',
    'queue-unavailable',
    'queue-unavailable'
  ])
})

t.test('every decision is counted by class and reason, every refusal in the count of this process', async (t) => {
  const { gate, counted, observe } = await startGate()
  observe(450)
  const permit = permitOf(admit(gate, 1))
  for (const priority of [5, 9]) admit(gate, priority)
  gate.refuseUnread(headOffer(9))
  gate.refuseUnread(headOffer(5))
  t.match(gate.refuseUnstored(permit, 'queue-unavailable'), {
    kind: 'queue', reason: 'queue-unavailable', retryAfterSeconds: 1
  })
  gate.countInvalid()
  t.strictSame(counted, [
    ['offered', 'critical'], ['admitted', 'critical'],
    ['offered', 'normal'], ['admitted', 'normal'],
    ['offered', 'low'], ['refused', 'low', 'low-priority-shed', true],
    ['offered', 'low'], ['refused', 'low', 'low-priority-shed', true],
    ['refused', 'critical', 'queue-unavailable', true],
    ['invalid']
  ], 'a request that goes on unread is not yet a decision')
  t.equal(gate.rejectedCount, 3)
})

t.test('what was admitted counts at once, and no more once a reading has it', async (t) => {
  const { gate, observe } = await startGate()
  observe(398)
  t.strictSame([9, 9, 9].map((priority) => outcome(admit(gate, priority))), [
    'admitted',
    'admitted',
    'low-priority-shed'
  ])
  t.equal(gate.depth, 400)
  observe(398)
  t.equal(gate.depth, 400, 'a reading that cannot have them yet')
  const early = gate.inTransit.beginReading()
  const written = gate.inTransit.whileSending(2, 0, async (onSent) => { onSent()?.({ shard: 0, priority: 9, total: 2 }) })
  early()
  observe(400)
  t.equal(gate.depth, 402, 'a reading that was requested before they were sent')
  await written
  gate.inTransit.beginReading()()
  observe(400)
  t.equal(gate.depth, 400, 'a reading that has them')
  observe(0)
  t.equal(gate.depth, 0)
})

t.test('a write that failed is not counted for ever', async (t) => {
  const { gate, observe } = await startGate()
  observe(0)
  const permit = permitOf(admit(gate, 5))
  gate.inTransit.recordOut(1)
  gate.refuseUnstored(permit, 'queue-unavailable')
  observe(0)
  t.equal(gate.depth, 0)
})

t.test('a write counts once although its answer comes after a reading of another process that contains it', async (t) => {
  const { gate, observe } = await startGate()
  observe(398)
  for (const priority of [9, 9]) admit(gate, priority)
  const answer = Promise.withResolvers<void>()
  const written = gate.inTransit.whileSending(2, 0, async (onSent) => {
    const tell = onSent()
    await answer.promise
    tell?.({ shard: 0, priority: 9, total: 50 })
  })
  gate.inTransit.adoptReading(({ total }) => total <= 50, 0, 300)
  observe(400)
  t.equal(gate.depth, 402, 'nobody knows yet')
  answer.resolve()
  await written
  t.equal(gate.depth, 400)
})

t.test('the mode says what follows from a refusal', async (t) => {
  const table: [mode: AdmissionMode, offered: string, early: string, counted: number][] = [
    ['true', 'circuit-open', 'circuit-open', 2],
    ['observe', 'admitted', 'admitted', 1],
    ['false', 'admitted', 'admitted', 0]
  ]
  for (const [mode, offered, early, counted] of table) {
    const { gate, observe, events } = await startGate({ mode })
    observe(500)
    t.equal(outcome(admit(gate, 5)), offered, mode)
    t.equal(outcome(gate.refuseUnread(headOffer(5))), early, mode)
    t.equal(gate.rejectedCount, counted, mode)
    t.equal(gate.signals.circuitState, 'OPEN', mode)
    t.ok(events().includes('queue-critical'), `${mode} logs`)
  }
})

t.test('observe counts what it would have refused, and admits it', async (t) => {
  const { gate, counted, observe } = await startGate({ mode: 'observe' })
  observe(500)
  admit(gate, 9)
  t.strictSame(counted, [['offered', 'low'], ['refused', 'low', 'circuit-open', false], ['admitted', 'low']])
  t.equal(gate.depth, 501, 'since it goes into the queue')
})

t.test('crossing a threshold is logged once, with the numbers, and again after 30 s', async (t) => {
  const { gate, lines, events, observe } = await startGate()
  observe(99)
  t.strictSame(events(), [])
  observe(100)
  t.match(lines, [{
    level: 40,
    event: 'queue-warning',
    queueDepth: 100,
    threshold: 100,
    circuitState: 'CLOSED',
    rejectedCount: 0,
    msg: /100/
  }])
  for (let reading = 0; reading < 20; reading++) observe(150)
  t.equal(lines.length, 1)
  for (let refused = 0; refused < 3; refused++) admit(gate, 5)
  observe(500)
  t.match(lines.slice(1), [
    { level: 40, event: 'circuit-transition', from: 'CLOSED', to: 'OPEN', depth: 500 },
    { level: 50, event: 'queue-critical', queueDepth: 500, threshold: 500, circuitState: 'OPEN', rejectedCount: 0 }
  ])
  for (let swing = 0; swing < 20; swing++) observe(swing % 2 === 0 ? 499 : 501)
  t.equal(lines.length, 3, 'a depth that swings around the threshold is no news')
  observe(501, { elapsedMs: 30_000 })
  t.strictSame(events().slice(3), ['queue-critical'])
})

t.test('every step of the circuit is logged and told', async (t) => {
  const { lines, transitions, observe, gate } = await startGate()
  for (const depth of [0, 500, 400, 50, 60, 30]) observe(depth)
  t.strictSame(transitions, ['OPEN', 'HALF_OPEN', 'CLOSED'])
  t.match(lines.filter(({ event }) => event === 'circuit-transition'), [
    { level: 40, from: 'CLOSED', to: 'OPEN', depth: 500 },
    { from: 'OPEN', to: 'HALF_OPEN', depth: 50 },
    { from: 'HALF_OPEN', to: 'CLOSED', depth: 30 }
  ])
  t.equal(gate.signals.circuitState, 'CLOSED')
})

t.test('a queue that cannot be read is logged once in 30 s, and again when it can', async (t) => {
  const { gate, clock, lines, events, observe } = await startGate()
  observe(7)
  for (let failure = 0; failure < 100; failure++) {
    clock.now += 100
    gate.lose(new Error('no answer'))
  }
  t.match(lines, [{ level: 50, event: 'queue-unavailable', err: { message: 'no answer' } }])
  t.equal(gate.signals.isDepthKnown, false)
  t.equal(gate.depth, 7, 'the last depth stays to be seen, and is not trusted')
  t.equal(outcome(admit(gate, 5)), 'queue-unavailable')
  clock.now += 30_000
  gate.lose(new Error('no answer'))
  t.strictSame(events(), ['queue-unavailable', 'queue-unavailable'])
  observe(9)
  t.match(lines.at(-1), { level: 30, event: 'queue-available', queueDepth: 9 })
  t.equal(outcome(admit(gate, 5)), 'admitted')
  observe(9)
  t.equal(lines.length, 3)
  gate.lose(new Error('no answer'))
  t.equal(events().at(-1), 'queue-unavailable', 'the next loss is news at once')
})

t.test('the age of the signals and of the circuit is told', async (t) => {
  const { gate, clock, observe } = await startGate()
  observe(500)
  clock.now += 250
  t.strictSame([gate.signalsAgeMs, gate.circuitAgeMs], [250, 250])
  observe(500, { elapsedMs: 50 })
  t.strictSame([gate.signalsAgeMs, gate.circuitAgeMs], [0, 300])
  clock.now -= 1_000
  t.strictSame([gate.signalsAgeMs, gate.circuitAgeMs], [0, 0], 'a clock that goes back makes no negative age')
})

t.test('the wall clock shows when something happened, and no age or line depends on it', async (t) => {
  const wall = { now: 1_750_000_000_000 }
  const { gate, clock, observe, events } = await startGate({ wall: () => wall.now })
  observe(500)
  t.strictSame([gate.readAt, gate.circuitChangedAt], [wall.now, wall.now])
  const openedAt = wall.now
  wall.now -= 3_600_000
  clock.now += 30_000
  t.strictSame([gate.signalsAgeMs, gate.circuitAgeMs], [30_000, 30_000])
  observe(500, { elapsedMs: 0 })
  t.strictSame([gate.readAt, gate.circuitChangedAt], [wall.now, openedAt])
  t.equal(events().filter((event) => event === 'queue-critical').length, 2, 'a clock that was set back mutes no line')
  gate.reset()
  t.equal(gate.circuitChangedAt, wall.now)
})

t.test('tells what would be decided and counts nothing', async (t) => {
  const { gate, observe, counted } = await startGate({ mode: 'observe' })
  observe(500)
  t.match(
    [1, 5, 9].map((priority) => gate.preview(priority)),
    ['queue', { kind: 'load', reason: 'circuit-open' }, { kind: 'load', reason: 'circuit-open' }]
  )
  t.strictSame(counted, [])
  const { gate: spooling } = await startGate({ spool: { classes: new Set<PriorityClass>(['normal']), canWrite: true } })
  t.match(
    [5, 9].map((priority) => spooling.preview(priority)),
    ['spool', { kind: 'queue', reason: 'queue-unavailable' }]
  )
})

t.test('who waits for the next signals hears of a reading and of a loss', async (t) => {
  const { gate, observe } = await startGate()
  const heard: string[] = []
  const first = gate.nextSignals().then(() => heard.push('first'))
  observe(1)
  await first
  const second = gate.nextSignals().then(() => heard.push('second'))
  await Promise.resolve()
  t.strictSame(heard, ['first'], 'each wait is for the next one')
  gate.lose(new Error('no answer'))
  await second
  t.strictSame(heard, ['first', 'second'])
})

t.test('never refuses a class while it admits a lower one, whatever it has seen', async (t) => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('observe' as const), depth: fc.nat({ max: 2 * THRESHOLDS.hardLimit }) }),
    fc.record({ kind: fc.constant('admit' as const), depth: fc.integer({ min: 1, max: 10 }) }),
    fc.record({ kind: fc.constant('lose' as const), depth: fc.constant(0) })
  )
  await t.resolves(fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
    const { gate, observe } = await startGate()
    for (const { kind, depth } of steps) {
      if (kind === 'observe') observe(depth)
      else if (kind === 'admit') admit(gate, depth)
      else gate.lose(new Error('no answer'))
      const [critical, normal, low] = [1, 5, 9].map((priority) => gate.refuseUnread(headOffer(priority)) === undefined)
      if ((low && !normal) || (normal && !critical)) return false
    }
    return true
  }), { numRuns: 50 }))
})

t.test('an admission costs no random number', async (t) => {
  let asked = 0
  const { gate, observe } = await startGate({ random: () => ++asked })
  observe(0)
  t.equal(outcome(admit(gate, 5)), 'admitted')
  t.equal(gate.refuseUnread(headOffer(5)), undefined)
  t.equal(asked, 0)
  observe(500)
  admit(gate, 5)
  t.equal(asked, 1)
})

t.test('draws for each event, and only while load is shed smoothly', async (t) => {
  let draws = 0
  const { gate, observe } = await startGate({ random: () => { draws++; return 0.25 } })
  const shedding = { shares: { critical: 0, normal: 0, low: 0.3 }, targetDepth: 250 }
  observe(10, { settings: { mode: 'true', thresholds: THRESHOLDS } })
  t.equal(gate.draw(), BEST_DRAW)
  t.equal(draws, 0)
  observe(10, { settings: { mode: 'true', thresholds: THRESHOLDS, shedding } })
  t.equal(gate.draw(), 0.25)
  const offered = (draw: number) => outcome(gate.admit(eventOffer({ type: 'x', priority: 9 }, 0, false, draw)))
  t.equal(offered(gate.draw()), 'smooth-shed')
  t.equal(offered(0.3), 'admitted')
  t.equal(gate.refusalReason(9), 'smooth-shed', 'what can wait waits while any of its class is shed')
  observe(10, { settings: { mode: 'true', thresholds: THRESHOLDS } })
  t.equal(gate.refusalReason(9), undefined)
})

t.test('an event outside the sample is answered without a charge, and counts as sampled', async (t) => {
  const { policy, calls } = recordedPolicy()
  const { gate, counted, observe } = await startGate({ further: [policy], random: () => 0.5 })
  const low = eventOffer({ type: 'x', priority: 9 })
  const settings = { mode: 'true', thresholds: THRESHOLDS } as const
  observe(10, { settings })
  t.equal(gate.weightOf(low, 'a'), 1, 'without a sample every event stands for itself')
  observe(10, { settings: { ...settings, kept: { critical: 1, normal: 1, low: 0.4 } } })
  t.equal(gate.weightOf(low, undefined), undefined, 'chance decides on an event without a key')
  t.equal(gate.weightOf(eventOffer({ type: 'x', priority: 5 }), 'a'), 1)
  t.equal(gate.weightOf(eventOffer({ type: 'x', priority: 9 }, 0, true), undefined), 1, 'an event of the service is kept')
  const weights = Array.from({ length: 1_000 }, (_, index) => gate.weightOf(low, `event-${index}`))
  t.strictSame([...new Set(weights)].toSorted(), [2.5, undefined])
  t.strictSame(weights, Array.from({ length: 1_000 }, (_, index) => gate.weightOf(low, `event-${index}`)), 'again')
  const kept = weights.filter((weight) => weight !== undefined).length
  t.ok(kept > 330 && kept < 470, `${kept} of 1,000 are kept`)

  const { depth } = gate
  const permit = permitOf(gate.admit(low, false, true))
  t.equal(permit.route, 'sampled')
  permit.settle('sampled')
  t.strictSame(counted, [['offered', 'low'], ['settled', 'low', 'sampled']])
  t.strictSame(calls, [])
  t.equal(gate.depth, depth)

  observe(10, { settings: { ...settings, mode: 'observe', kept: { critical: 1, normal: 1, low: 0.4 } } })
  t.equal(gate.weightOf(low, undefined), 1, 'all is admitted in observe mode')
})

t.test('an event outside the sample is refused where another one would be', async (t) => {
  const { gate, observe } = await startGate()
  observe(600, { settings: { mode: 'true', thresholds: THRESHOLDS, kept: { critical: 1, normal: 1, low: 0.01 } } })
  t.equal(outcome(gate.admit(eventOffer({ type: 'x', priority: 9 }), false, true)), 'circuit-open')
})

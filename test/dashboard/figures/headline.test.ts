import fc from 'fast-check'
import t from 'tap'
import type { Incident, State } from '../../../dashboard/contract.d.ts'
import { headline, staleHeadline } from '../../../dashboard/figures/headline.js'
import { ADMITTED, ahead, incident, lostWith, NOW, refused, SPOOLED, stateWith, workerWith } from './samples.ts'

const SHED_BOTH = { critical: ADMITTED, normal: refused('circuit-open'), low: refused('circuit-open') }
const SHED_LOW = { critical: ADMITTED, normal: ADMITTED, low: refused('low-priority-shed') }
const SHED_SMOOTHLY = { critical: ADMITTED, normal: refused('smooth-shed'), low: refused('smooth-shed') }
const LOST = { critical: ADMITTED, normal: refused('queue-unavailable'), low: refused('queue-unavailable') }
const MEMORY = {
  usedBytes: 190 * 1_048_576,
  capacityBytes: 256 * 1_048_576,
  utilizationPercent: 106,
  deadLetterBytes: 0,
  rememberedIds: 0,
  idLifeMs: 600_000,
  thresholds: {
    recovery: 161 * 1_048_576,
    warning: 170 * 1_048_576,
    critical: 179 * 1_048_576,
    hardLimit: 230 * 1_048_576
  }
}
const SHED_BYTES = { critical: ADMITTED, normal: refused('queue-bytes'), low: refused('queue-bytes') }
const UNPROVEN = { isTrusted: false }
const minutesAgo = (minutes: number) => NOW - minutes * 60_000

const CASES: [changes: Partial<State>, tone: string, text: string, incidents?: Incident[]][] = [
  [{}, 'good', 'All is well: everything is admitted (circuit CLOSED, depth 120 of 50,000)'],
  [{ depth: 0 }, 'good', 'All is well: everything is admitted (circuit CLOSED, depth 0 of 50,000)'],
  [
    { forecast: [ahead(10_000, 300), ahead(60_000, 1_400)] },
    'good',
    'All is well: everything is admitted (circuit CLOSED, depth 120 of 50,000, about 1,400 expected in 60 s)'
  ],
  [
    { depth: 12_000, timeToDrainSeconds: null, breachMs: 41_000, forecast: [ahead(60_000, 52_000)] },
    'notice',
    'The forecast expects to shed low in about 41 s, everything is still admitted (depth 12,000 of 50,000, not draining)'
  ],
  [
    { depth: 41_000, decisions: SHED_LOW, timeToDrainSeconds: null, breachMs: 0 },
    'notice',
    'Shedding low (circuit CLOSED, depth 41,000 of 50,000, not draining)'
  ],
  [
    { depth: 12_000, timeToDrainSeconds: null },
    'notice',
    'Falling behind, everything is still admitted (depth 12,000 of 50,000, not draining)'
  ],
  [
    { forecast: [ahead(10_000, 300), ahead(30_000, 700), ahead(60_000, 1_400, UNPROVEN)] },
    'good',
    'All is well: everything is admitted (circuit CLOSED, depth 120 of 50,000, about 700 expected in 30 s)'
  ],
  [
    { forecast: [ahead(10_000, 300, UNPROVEN), ahead(60_000, 1_400, UNPROVEN)] },
    'good',
    'All is well: everything is admitted (circuit CLOSED, depth 120 of 50,000)'
  ],
  [
    { depth: 12_000, timeToDrainSeconds: null, forecast: [ahead(60_000, 14_000)] },
    'notice',
    'Falling behind, everything is still admitted (depth 12,000 of 50,000, not draining, about 14,000 expected in 60 s)'
  ],
  [
    { depth: 12_000, timeToDrainSeconds: 600 },
    'notice',
    'Falling behind, everything is still admitted (depth 12,000 of 50,000, drains in about 10 min)'
  ],
  [
    {
      depth: 61_200,
      circuitState: 'OPEN',
      circuitSince: minutesAgo(10),
      decisions: SHED_BOTH,
      timeToDrainSeconds: 180
    },
    'bad',
    'Shedding low and normal since 13:52 (circuit OPEN, depth 61,200 of 50,000, drains in about 3 min)'
  ],
  [
    {
      depth: 4_000,
      circuitState: 'HALF_OPEN',
      circuitSince: minutesAgo(1),
      decisions: SHED_LOW,
      timeToDrainSeconds: 8
    },
    'notice',
    'Recovering, still shedding low since 14:01 (circuit HALF_OPEN, depth 4,000 of 50,000, drains in about 8 s)'
  ],
  [
    { depth: 41_000, decisions: SHED_LOW, timeToDrainSeconds: null },
    'notice',
    'Shedding low (circuit CLOSED, depth 41,000 of 50,000, not draining)'
  ],
  [
    {
      depth: 41_000,
      decisions: SHED_LOW,
      timeToDrainSeconds: null,
      refusals: [{ from: minutesAgo(3), to: NOW - 1_000, priorityClass: 'low', reason: 'low-priority-shed', events: 5 }]
    },
    'notice',
    'Shedding low since 13:59 (circuit CLOSED, depth 41,000 of 50,000, not draining)'
  ],
  [
    {
      depth: 41_000,
      decisions: SHED_LOW,
      timeToDrainSeconds: null,
      refusals: [{
        from: minutesAgo(30),
        to: minutesAgo(20),
        priorityClass: 'low',
        reason: 'low-priority-shed',
        events: 5
      }]
    },
    'notice',
    'Shedding low (circuit CLOSED, depth 41,000 of 50,000, not draining)'
  ],
  [
    {
      circuitState: 'OPEN',
      circuitCause: 'bytes',
      circuitSince: minutesAgo(1),
      memory: MEMORY,
      decisions: SHED_BYTES,
      timeToDrainSeconds: 180
    },
    'bad',
    'Shedding low and normal since 14:01 (circuit OPEN, bytes are the reason: Redis holds 190 MiB of 179 MiB, ' +
    'depth 120 of 50,000, drains in about 3 min)'
  ],
  [
    {
      circuitState: 'OPEN',
      circuitCause: 'bytes',
      circuitSince: minutesAgo(1),
      memory: { ...MEMORY, usedBytes: 231 * 1_048_576 },
      timeToDrainSeconds: 180,
      decisions: { critical: SPOOLED, normal: refused('queue-full'), low: refused('queue-full') }
    },
    'bad',
    'Shedding low and normal since 14:01 (circuit OPEN, bytes are the reason: Redis holds 231 MiB of 179 MiB, ' +
    'depth 120 of 50,000, drains in about 3 min, the queue is full, critical goes to the spool)'
  ],
  [
    { memory: { ...MEMORY, usedBytes: 171 * 1_048_576 }, timeToDrainSeconds: 180 },
    'notice',
    'Redis is filling up, everything is still admitted (Redis holds 171 MiB of 179 MiB, depth 120 of 50,000, ' +
    'drains in about 3 min)'
  ],
  [
    { memory: { ...MEMORY, usedBytes: 100 * 1_048_576 } },
    'good',
    'All is well: everything is admitted (circuit CLOSED, depth 120 of 50,000)'
  ],
  [
    { decisions: { critical: ADMITTED, normal: refused('process-overloaded'), low: refused('process-overloaded') } },
    'bad',
    'Shedding low and normal (circuit CLOSED, depth 120 of 50,000, drains in about 6 s, this process is overloaded)'
  ],
  [
    {
      depth: 1_000_000,
      circuitState: 'OPEN',
      circuitSince: minutesAgo(1),
      timeToDrainSeconds: 90,
      decisions: { critical: SPOOLED, normal: refused('queue-full'), low: refused('queue-full') }
    },
    'bad',
    'Shedding low and normal since 14:01 (circuit OPEN, depth 1,000,000 of 50,000, drains in about 2 min, the ' +
    'queue is full, critical goes to the spool)'
  ],
  [
    { depth: 1_000_000, timeToDrainSeconds: 90, decisions: { critical: SPOOLED, normal: SPOOLED, low: SPOOLED } },
    'bad',
    'The queue accepts nothing: low, normal and critical go to the spool (depth 1,000,000 of 50,000, drains in ' +
    'about 2 min)'
  ],
  [
    { decisions: { critical: ADMITTED, normal: ADMITTED, low: refused('of-our-own') } },
    'notice',
    'Shedding low (circuit CLOSED, depth 120 of 50,000, drains in about 6 s, of-our-own)'
  ],
  [
    {
      depth: 61_200,
      circuitState: 'OPEN',
      circuitSince: minutesAgo(10),
      decisions: SHED_BOTH,
      workers: [],
      timeToDrainSeconds: null
    },
    'bad',
    'Shedding low and normal since 13:52 (circuit OPEN, depth 61,200 of 50,000, no worker is running)'
  ],
  [
    {
      depth: 61_200,
      circuitState: 'OPEN',
      circuitSince: minutesAgo(10),
      decisions: SHED_BOTH,
      mode: 'observe',
      timeToDrainSeconds: 180
    },
    'bad',
    'Observing only: would shed low and normal since 13:52 (circuit OPEN, depth 61,200 of 50,000, drains in about ' +
    '3 min)'
  ],
  [
    {
      depth: 24_000,
      decisions: SHED_SMOOTHLY,
      shedShares: { critical: 0, normal: 0.123, low: 1 },
      timeToDrainSeconds: null
    },
    'bad',
    'Shedding low and 12 % of normal (circuit CLOSED, depth 24,000 of 50,000, not draining)'
  ],
  [
    {
      depth: 24_000,
      decisions: { ...SHED_SMOOTHLY, normal: ADMITTED },
      shedShares: { critical: 0, normal: 0, low: 0.001 },
      timeToDrainSeconds: null
    },
    'notice',
    'Shedding 1 % of low (circuit CLOSED, depth 24,000 of 50,000, not draining)'
  ],
  [
    {
      depth: 41_000,
      decisions: SHED_LOW,
      shedShares: { critical: 0, normal: 0, low: 0.3 },
      timeToDrainSeconds: null
    },
    'notice',
    'Shedding low (circuit CLOSED, depth 41,000 of 50,000, not draining)'
  ],
  [
    { depth: 24_000, keptShares: { critical: 1, normal: 0.94, low: 0.5 }, timeToDrainSeconds: null },
    'notice',
    'Sampling: 50 % of low and 94 % of normal are kept (depth 24,000 of 50,000, not draining)'
  ],
  [
    { depth: 24_000, keptShares: { critical: 1, normal: 1, low: 0.5 }, mode: 'observe', timeToDrainSeconds: null },
    'notice',
    'Observing only: Falling behind, everything is still admitted (depth 24,000 of 50,000, not draining)'
  ],
  [
    {
      depth: 51_000,
      circuitState: 'OPEN',
      circuitSince: minutesAgo(1),
      decisions: SHED_BOTH,
      keptShares: { critical: 1, normal: 1, low: 0.01 },
      timeToDrainSeconds: null
    },
    'bad',
    'Shedding low and normal since 14:01 (circuit OPEN, depth 51,000 of 50,000, not draining)'
  ],
  [
    { depth: 120, keptShares: { critical: 1, normal: 1, low: 1 } },
    'good',
    'All is well: everything is admitted (circuit CLOSED, depth 120 of 50,000)'
  ],
  [{ mode: 'observe' }, 'good', 'Observing only: everything is admitted (circuit CLOSED, depth 120 of 50,000)'],
  [
    { mode: 'false', decisions: SHED_LOW },
    'notice',
    'Backpressure is off: everything is admitted (depth 120 of 50,000)'
  ],
  [
    { mode: 'false', isPaused: true },
    'notice',
    'Backpressure is off: everything is admitted (depth 120 of 50,000, the workers are paused)'
  ],
  [
    { mode: 'false', workers: [] },
    'bad',
    'Backpressure is off: everything is admitted (depth 120 of 50,000, no worker is running)'
  ],
  [{ isPaused: true }, 'notice', 'Workers are paused since 14:00: 120 events wait, new ones are admitted', [
    incident(minutesAgo(9), 'paused'),
    incident(minutesAgo(8), 'resumed'),
    incident(minutesAgo(2), 'paused')
  ]],
  [{ isPaused: true, pausedForMs: 120_000 }, 'notice', 'Workers are paused: 120 events wait, new ones are admitted', [
    incident(minutesAgo(9), 'resumed')
  ]],
  [
    { pausedForMs: 4_000 },
    'notice',
    'Deliveries wait for the consumer, everything is still admitted (depth 120 of 50,000)'
  ],
  [
    { depth: 12_000, pausedForMs: 4_000 },
    'notice',
    'Falling behind, everything is still admitted (depth 12,000 of 50,000, deliveries wait for the consumer)'
  ],
  ...[{ isPaused: true }, { workers: [] }, { pausedForMs: 900 }].map((change): (typeof CASES)[number] => [
    {
      depth: 4_000, circuitState: 'HALF_OPEN', circuitSince: minutesAgo(1), decisions: SHED_LOW,
      timeToDrainSeconds: null, ...change
    },
    'notice',
    `Shedding low since 14:01 (circuit HALF_OPEN, depth 4,000 of 50,000, ${stateWith(change).problems[0]?.text})`
  ]),
  [
    {
      depth: 4_000,
      circuitState: 'HALF_OPEN',
      circuitSince: minutesAgo(1),
      decisions: SHED_LOW,
      timeToDrainSeconds: null
    },
    'notice',
    'Shedding low since 14:01 (circuit HALF_OPEN, depth 4,000 of 50,000, not draining)'
  ],
  [
    { workers: [workerWith(7, { handlers: [], holds: ['no-handlers'] })], timeToDrainSeconds: null },
    'bad',
    'No worker takes a batch: host:7 has no handler. 120 events wait, new ones are admitted (set DELIVERY_URL or ' +
    'RULES_FILE for every worker, or WITHOUT_HANDLER, and restart it)'
  ],
  [
    { workers: [workerWith(7, { holds: ['dead-letters-full'] })], mode: 'false' },
    'bad',
    'Backpressure is off: everything is admitted (depth 120 of 50,000, no worker takes a batch: the limit of kept ' +
    'dead letters is reached)'
  ],
  [
    { workers: [workerWith(7, { holds: ['consumer-unreachable'] }), workerWith(8)] },
    'notice',
    '1 of 2 workers takes no batch: host:7 cannot reach the consumer (check that the consumer runs, and on that ' +
    'host DELIVERY_URL, name resolution and the network)'
  ],
  [
    { workers: [workerWith(7, { handlers: ['show'] }), workerWith(8)] },
    'notice',
    '1 of 2 workers finishes events without delivering them (show), beside others that deliver: host:7 (give every ' +
    'worker the same DELIVERY_URL and RULES_FILE, or stop these)'
  ],
  [{ workers: [], depth: 1 }, 'bad', 'No worker is running: 1 event waits, new ones are admitted'],
  [{ workers: [], depth: 0 }, 'bad', 'No worker is running: no event waits, new ones are admitted']
]

for (const [changes, tone, text, incidents = []] of CASES) {
  t.test(text, async (t) => {
    t.strictSame(headline(stateWith(changes), incidents, { timeZone: 'UTC' }), { tone, text })
  })
}

const LOST_CASES: [changes: Partial<State>, text: string, incidents?: Incident[]][] = [
  [
    {},
    'Queue out of reach since 13:57: depth unknown (last known 1,008 at 14:01:00), low and normal are refused',
    [incident(minutesAgo(9), 'queue-lost'), incident(minutesAgo(5), 'queue-lost')]
  ],
  [
    { decisions: { ...LOST, critical: SPOOLED }, spool: { events: 31, bytes: 1, maxBytes: 2 } },
    'Queue out of reach: depth unknown (last known 1,008 at 14:01:00), low and normal are refused, critical goes ' +
    'to the spool, 31 events in the spool'
  ],
  [{ mode: 'observe', lastKnown: null }, 'Queue out of reach: depth unknown']
]

for (const [changes, text, incidents = []] of LOST_CASES) {
  t.test(text, async (t) => {
    t.strictSame(headline(lostWith({ decisions: LOST, ...changes }), incidents, { timeZone: 'UTC' }), {
      tone: 'bad', text
    })
  })
}

t.test('what was true when the stream broke is not said of now', async (t) => {
  t.strictSame(staleHeadline(headline(stateWith(), []), NOW, { timeZone: 'UTC' }), {
    tone: 'unknown',
    text:
      'No figures since 14:02:00. The last headline: All is well: everything is admitted (circuit CLOSED, depth ' +
      '120 of 50,000)'
  })
})

t.test('a queue that is out of reach is never told as all well, nor its depth as a figure of now', async () => {
  fc.assert(fc.property(fc.constantFrom('true', 'observe', 'false' as const), fc.boolean(), (mode, isPaused) => {
    const { text, tone } = headline(lostWith({ mode: mode as State['mode'], isPaused }), [])
    return tone === 'bad' && text.includes('unknown (last known') && !/\d of/.test(text)
  }))
})

t.test('says that the queue drains only where more goes than comes and somebody works', async () => {
  const worker = fc.constantFrom(workerWith(1), workerWith(2, { holds: ['consumer-unreachable'] }))
  fc.assert(fc.property(
    fc.array(worker, { maxLength: 3 }),
    fc.boolean(),
    fc.constantFrom('OPEN', 'HALF_OPEN', 'CLOSED' as const),
    fc.option(fc.integer({ min: 1, max: 999 })),
    (workers, isPaused, circuitState, seconds) => {
      const state = stateWith({
        depth: 12_000,
        workers,
        isPaused,
        circuitState,
        decisions: SHED_LOW,
        timeToDrainSeconds: seconds
      })
      const isMoving = seconds !== null && !state.problems.some(({ stops }) => stops === 'all')
      const { text } = headline(state, [])
      return text.includes('drains in') === isMoving && (!text.startsWith('Recovering') || seconds !== null)
    }
  ))
})

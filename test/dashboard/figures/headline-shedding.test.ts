import t from 'tap'
import { MEMORY, minutesAgo, SHED_LOW, testHeadlines, type HeadlineCase } from './headline-cases.ts'
import { ADMITTED, NOW, refused, SPOOLED, stateWith } from './samples.ts'

const SHED_BOTH = { critical: ADMITTED, normal: refused('circuit-open'), low: refused('circuit-open') }
const SHED_SMOOTHLY = { critical: ADMITTED, normal: refused('smooth-shed'), low: refused('smooth-shed') }
const SHED_BYTES = { critical: ADMITTED, normal: refused('queue-bytes'), low: refused('queue-bytes') }

testHeadlines(t, [
  [
    { depth: 41_000, decisions: SHED_LOW, timeToDrainSeconds: null, breachMs: 0 },
    'notice',
    'Shedding low (circuit CLOSED, depth 41,000 of 50,000, not draining)'
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
  ...[{ isPaused: true }, { workers: [] }, { pausedForMs: 900 }].map((change): HeadlineCase => [
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
  ]
])

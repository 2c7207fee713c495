import { Type } from '@sinclair/typebox'
import { bytes, milliseconds, threshold } from '../key-types.ts'

/** Keys of admission: thresholds, delay budgets, and what happens beyond them. */
export const backpressureKeys = {
  ENABLE_BACKPRESSURE: Type.Union([Type.Literal('true'), Type.Literal('false'), Type.Literal('observe')], {
    default: 'true',
    description: 'Shed load; admit all; or decide, count and log but admit all'
  }),
  BACKPRESSURE_PRESET: Type.Optional(Type.Union(
    (['development', 'staging', 'production-10k', 'production-100k'] as const).map((preset) => Type.Literal(preset)),
    { description: 'Name of a set of thresholds; an explicit threshold takes precedence' }
  )),
  QUEUE_WARNING_THRESHOLD: threshold(
    10_000,
    'Depth that is logged as a warning, from which streams are paced and a half-open circuit opens again'
  ),
  QUEUE_CRITICAL_THRESHOLD: threshold(50_000, 'Depth that opens the circuit; low priority is shed from 0.8 of it'),
  QUEUE_RECOVERY_THRESHOLD: threshold(5_000, 'Depth at which an open circuit turns half-open'),
  QUEUE_HARD_LIMIT: threshold(1_000_000, 'Depth above which nothing is put into Redis, critical events included'),
  BACKPRESSURE_THRESHOLDS: Type.Union([Type.Literal('static'), Type.Literal('adaptive')], {
    default: 'static',
    description:
      'static: the thresholds above are in force; adaptive: the critical threshold is the depth at which a normal ' +
      'event would wait for DELAY_BUDGET_NORMAL_MS, from 0.001 of QUEUE_CRITICAL_THRESHOLD to 0.9 of QUEUE_HARD_LIMIT'
  }),
  DELAY_BUDGET_CRITICAL_MS: milliseconds(
    2_000,
    1,
    86_400_000,
    'How long a critical event may wait; shown beside its wait'
  ),
  DELAY_BUDGET_NORMAL_MS: milliseconds(
    30_000,
    1,
    86_400_000,
    'How long a normal event may wait; adaptive thresholds follow from it, and need ten times QUEUE_SAMPLE_INTERVAL_MS'
  ),
  DELAY_BUDGET_LOW_MS: milliseconds(300_000, 1, 86_400_000, 'How long a low event may wait; shown beside its wait'),
  SHEDDING: Type.Union([Type.Literal('cliff'), Type.Literal('smooth')], {
    default: 'cliff',
    description:
      'cliff: all low events are refused from 0.8 of the critical threshold; smooth: a share of low, then of normal ' +
      'events is refused that keeps the depth at 0.5 of it; the circuit opens in both cases'
  }),
  SAMPLING: Type.Union([Type.Literal('off'), Type.Literal('low'), Type.Literal('low-and-normal')], {
    default: 'off',
    description:
      'The classes of which a sample is kept while the queue fills up, and the rest answered 202 without being stored, ' +
      'where they would be refused otherwise; a kept event says by sampleweight how many it stands for'
  }),
  SHED_STATUS: Type.Union([Type.Literal('503'), Type.Literal('429')], {
    default: '503',
    description:
      'Status of the answer to events that are refused because of load; 429 for proxies that take a replica out of ' +
      'service after a 503; a queue that cannot accept events is 503 in both cases'
  }),
  FAIRNESS: Type.Union([Type.Literal('off'), Type.Literal('on')], {
    default: 'off',
    description:
      'on: while the queue fills up, organizations that post more than their fair shares of the capacity give way first, ' +
      'and those below their shares lose nothing because of them'
  }),
  FAIR_ORDER: Type.Union([Type.Literal('off'), Type.Literal('organizations'), Type.Literal('types')], {
    default: 'off',
    description:
      'organizations: within a priority, workers take the events of organizations in turn, by the work that they cost, so ' +
      'the backlog of one does not delay the others; types: the same between the types of an organization; off: in the ' +
      'order in which they were stored'
  }),
  FORECAST: Type.Union([Type.Literal('off'), Type.Literal('observe'), Type.Literal('act')], {
    default: 'observe',
    description:
      'observe: the depth of the next minute is predicted and shown; act: once the predictions have proven their skill, ' +
      'workers are asked for before a predicted breach, and up to half of the low events are refused, or more of them left ' +
      'out if SAMPLING is on; off: nothing is predicted'
  }),
  QUEUE_CRITICAL_BYTES: bytes(
    'Memory of Redis at which the circuit opens, whatever the depth; low priority is shed from 0.8 of it',
    '0.7 of its capacity, which is its maxmemory or else 0.6 of its machine'
  ),
  QUEUE_HARD_BYTES: bytes(
    'Memory of Redis above which nothing is put into it, critical events included; at most 0.95 of maxmemory',
    '0.9 of its capacity'
  ),
  QUEUE_SAMPLE_INTERVAL_MS: milliseconds(100, 10, 10_000, 'How often the queue is read'),
  READINESS_FAILS_WHEN_OPEN: Type.Boolean({
    default: false,
    description: 'Answer readiness with 503 while the circuit is open'
  }),
  READINESS_HOLDS_WHILE_SPOOLING: Type.Boolean({
    default: false,
    description:
      'Answer readiness with 200 while the queue cannot accept events and critical ones are spooled; for replicas ' +
      'that all lose their Redis together'
  }),
  MAX_EVENT_LOOP_DELAY_MS: milliseconds(
    1_000,
    0,
    60_000,
    'Mean event-loop delay above which this process sheds all but critical events; 0 switches it off'
  ),
  MAX_HEAP_USED_BYTES: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'Heap above which this process sheds all but critical events; 0 means 0.9 of the heap limit of V8'
  })
}

import { Registry } from '@prometheus-io/client'
import t from 'tap'
import { eventOffer, headOffer } from '../../../services/admission/offer.ts'
import { UNLIMITED } from '../../../services/admission/rights.ts'
import { REFUSAL_KINDS, type RefusalKind } from '../../../services/admission/refusal.ts'
import { imbalance } from '../../booked.ts'
import { RetryAccuracy } from '../../../services/control/retry-accuracy.ts'
import { countAdmissions } from '../../../services/ledger/count-admissions.ts'
import { AdmissionLedger } from '../../../services/ledger/admission-ledger.ts'
import { AdmissionMetrics } from '../../../services/metrics/admission-metrics.ts'
import { Usage } from '../../../services/organizations/usage.ts'
import { seriesOf } from '../metrics/series.ts'

function startCounters () {
  const admission = new AdmissionLedger()
  const types: string[] = []
  const stated: string[] = []
  const registry = new Registry()
  const counters = countAdmissions(admission, new AdmissionMetrics(registry, []), {
    record: (type) => types.push(type)
  }, new RetryAccuracy({ now: () => 0 }), new Usage(), {
    count: (organizationId, field) => stated.push(`${field} of ${organizationId}`)
  })
  return { counters, admission, types, stated, series: () => seriesOf(registry) }
}

const LOW = eventOffer({ type: 'x', priority: 9 })
const admitted = (priorityClass: string) => `spillway_admitted_total{priority_class="${priorityClass}"}`

t.test('an event that goes in is received, admitted and settled', async (t) => {
  for (const settlement of ['enqueued', 'spooled', 'duplicate', 'invalid'] as const) {
    const { counters, admission, types, series } = startCounters()
    counters.offered(LOW)
    counters.admitted(LOW)
    counters.settled(LOW, settlement)
    const booked = admission.take()
    t.strictSame(booked, { 'admission:received:low': 1, [`admission:${settlement}:low`]: 1 })
    t.equal(imbalance(booked).admission, 0)
    t.strictSame(types, ['x'])
    t.match(await series(), { [admitted('low')]: 1, [admitted('normal')]: 0 })
  }
})

t.test('an event that is refused is booked under the outcome of its kind, and balances', async (t) => {
  const table: [kind: RefusalKind, outcome: string, metric: string][] = [
    ['load', 'shed', 'rule_engine_backpressure_rejected_total'],
    ['queue', 'shed', 'rule_engine_backpressure_rejected_total'],
    ['deadline', 'wouldExpire', 'rule_engine_backpressure_rejected_total'],
    ['quota', 'quota', 'spillway_quota_refused_total'],
    ['forbidden', 'forbidden', 'spillway_forbidden_total']
  ]
  t.strictSame(table.map(([kind]) => kind), [...REFUSAL_KINDS])
  for (const [kind, outcome, metric] of table) {
    const { counters, admission, series } = startCounters()
    counters.offered(LOW)
    counters.refused(LOW, { kind, reason: 'why', retryAfterSeconds: 1 }, true)
    const booked = admission.take()
    t.strictSame(booked, { 'admission:received:low': 1, [`admission:${outcome}:low`]: 1, 'refused:why': 1 }, kind)
    t.equal(imbalance(booked).admission, 0, kind)
    t.match(await series(), { [`${metric}{priority_class="low",reason="why"}`]: 1 }, kind)
  }
})

t.test('a refusal that is only observed is counted by reason, and is no outcome', async (t) => {
  const { counters, admission, series } = startCounters()
  counters.offered(LOW)
  counters.refused(LOW, { kind: 'load', reason: 'why', retryAfterSeconds: 1 }, false)
  counters.admitted(LOW)
  counters.settled(LOW, 'enqueued')
  t.strictSame(admission.take(), { 'admission:received:low': 1, 'admission:enqueued:low': 1, 'refused:why': 1 })
  t.match(await series(), {
    'rule_engine_backpressure_rejected_total{priority_class="low",reason="why"}': 1, [admitted('low')]: 1
  })
})

t.test('a request that is refused unread stands for its events, and has no type', async (t) => {
  const { counters, admission, types } = startCounters()
  counters.offered(headOffer(5))
  counters.refused(headOffer(5), { kind: 'load', reason: 'why', retryAfterSeconds: 1 }, true)
  t.strictSame(admission.take(), { 'admission:received:normal': 1, 'admission:shed:normal': 1, 'refused:why': 1 })
  t.strictSame(types, [])
})

t.test('an event that is not valid has no class, and a reset leaves the ledger as it is', async (t) => {
  const { counters, admission, series } = startCounters()
  counters.invalid(undefined)
  counters.offered(LOW)
  counters.refused(LOW, { kind: 'load', reason: 'why', retryAfterSeconds: 1 }, true)
  counters.reset()
  t.strictSame(admission.take(), {
    'admission:received:unknown': 1,
    'admission:invalid:unknown': 1,
    'admission:received:low': 1,
    'admission:shed:low': 1,
    'refused:why': 1
  })
  t.match(await series(), { 'rule_engine_backpressure_rejected_total{priority_class="low",reason="why"}': 0 })
})

t.test('each outcome is one of the organization of the key, or of the one that the event names', async (t) => {
  const { counters, stated } = startCounters()
  const producer = { ...UNLIMITED, organizationId: 'acme' }
  const foreign = eventOffer({ type: 'x', priority: 9, organizationId: 'globex' }, 0, false, 0, undefined, producer)
  counters.refused(foreign, { kind: 'forbidden', reason: 'why', retryAfterSeconds: undefined }, true)
  const named = eventOffer({ type: 'x', priority: 9, organizationId: 'globex' })
  counters.refused(named, { kind: 'load', reason: 'why', retryAfterSeconds: 1 }, false)
  counters.settled(named, 'duplicate')
  const fairShare = { perSecond: 1, weight: 1 }
  counters.refused(named, { kind: 'load', reason: 'why', retryAfterSeconds: 1, fairShare }, true)
  counters.invalid('acme')
  counters.settled(LOW, 'enqueued')
  t.strictSame(stated, [
    'forbidden of acme', 'duplicate of globex', 'shed of globex', 'overShare of globex', 'invalid of acme',
    'enqueued of undefined'
  ])
})

t.test('events of the service itself are in a statement once they are in the queue', async (t) => {
  const { counters, stated } = startCounters()
  const internal = eventOffer({ type: 'x', priority: 9, organizationId: 'acme' }, 0, true)
  counters.refused(internal, { kind: 'load', reason: 'why', retryAfterSeconds: 1 }, true)
  for (const settlement of ['spooled', 'duplicate', 'enqueued'] as const) counters.settled(internal, settlement)
  t.strictSame(stated, ['returned of acme'])
})

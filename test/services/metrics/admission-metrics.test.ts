import { Registry } from '@prometheus-io/client'
import t from 'tap'
import { REFUSAL_KINDS, type RefusalKind, type RefusalReason } from '../../../services/admission/refusal.ts'
import { AdmissionMetrics } from '../../../services/metrics/admission-metrics.ts'
import { seriesOf } from './series.ts'

const REASONS: RefusalReason[] = [{ reason: 'full', kind: 'queue' }, { reason: 'open', kind: 'load' }]

const rejected = (priorityClass: string, reason: string) =>
  `rule_engine_backpressure_rejected_total{priority_class="${priorityClass}",reason="${reason}"}`
const admitted = (priorityClass: string) => `spillway_admitted_total{priority_class="${priorityClass}"}`

t.test('every series is there from the start, so that a first shed shows as a rise', async (t) => {
  const registry = new Registry()
  void new AdmissionMetrics(registry, REASONS)
  t.strictSame(await seriesOf(registry), Object.fromEntries(['critical', 'normal', 'low'].flatMap((priorityClass) =>
    [[rejected(priorityClass, 'full'), 0], [rejected(priorityClass, 'open'), 0], [admitted(priorityClass), 0]])))
})

t.test('counts decisions by class and reason, and a reset forgets rejections only', async (t) => {
  const registry = new Registry()
  const metrics = new AdmissionMetrics(registry, REASONS)
  for (const [priorityClass, reason] of [['low', 'open'], ['low', 'open'], ['normal', 'full']] as const) {
    metrics.countRefused(priorityClass, { kind: 'load', reason })
  }
  for (let admitted = 0; admitted < 2; admitted++) metrics.countAdmitted('critical')
  t.match(await seriesOf(registry), {
    [rejected('low', 'open')]: 2,
    [rejected('normal', 'full')]: 1,
    [rejected('low', 'full')]: 0,
    [admitted('critical')]: 2,
    [admitted('low')]: 0
  })
  metrics.reset()
  t.match(await seriesOf(registry), {
    [rejected('low', 'open')]: 0,
    [rejected('normal', 'full')]: 0,
    [admitted('critical')]: 2
  })
  metrics.countRefused('low', { kind: 'load', reason: 'open' })
  t.match(await seriesOf(registry), { [rejected('low', 'open')]: 1 })
})

t.test('two in one process do not share their counts', async (t) => {
  const [one, other] = [new Registry(), new Registry()]
  new AdmissionMetrics(one, REASONS.slice(0, 1)).countRefused('low', { kind: 'load', reason: 'full' })
  void new AdmissionMetrics(other, REASONS.slice(0, 1))
  t.equal((await seriesOf(other))[rejected('low', 'full')], 0)
})

t.test('every kind of refusal is counted by its own metric, and a reset puts all of them to zero', async (t) => {
  const registry = new Registry()
  const metrics = new AdmissionMetrics(registry, [])
  const table: [kind: RefusalKind, metric: string][] = [
    ['load', 'rule_engine_backpressure_rejected_total'],
    ['queue', 'rule_engine_backpressure_rejected_total'],
    ['deadline', 'rule_engine_backpressure_rejected_total'],
    ['quota', 'spillway_quota_refused_total'],
    ['forbidden', 'spillway_forbidden_total']
  ]
  t.strictSame(table.map(([kind]) => kind), [...REFUSAL_KINDS])
  const series = (kind: string, metric: string) => `${metric}{priority_class="low",reason="of-${kind}"}`
  for (const [kind] of table) metrics.countRefused('low', { kind, reason: `of-${kind}` })
  t.match(await seriesOf(registry), Object.fromEntries(table.map(([kind, metric]) => [series(kind, metric), 1])))
  metrics.reset()
  t.match(await seriesOf(registry), Object.fromEntries(table.map(([kind, metric]) => [series(kind, metric), 0])))
})

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { panelQueries } from './dashboard-file.ts'
import { isMissing, promtool } from './prometheus-server.ts'
import { groupingLabelsOf, selectorsOf } from './promql.ts'
import { alertRules, readExpectations, recordingRules, ROOT, RULES } from './rule-file.ts'

/** Every process reads the same of these from Redis, so they are never added up. */
const OF_THE_FLEET = new RegExp([
  'rule_engine_queue_(?:waiting|active|delayed|total_pending|completed_total|failed_total)',
  'rule_engine_workers',
  'spillway_workers_(?:needed|held)',
  'spillway_worker_handler_lists',
  'spillway_worker_capacity',
  'spillway_active_batches',
  'spillway_queue_shards_away',
  'spillway_(?:arrival|drain)_rate',
  'spillway_paused',
  'spillway_capacity(?:_evidence)?',
  'spillway_(?:wait|delay_budget|time_to_empty)_seconds',
  'spillway_(?:shed|kept)_share',
  'spillway_forecast_\\w+',
  'spillway_consumer_(?:pause_seconds|away)',
  'spillway_oldest_waiting_seconds',
  'spillway_ledger_\\w+',
  'spillway_dead_letters\\w*',
  'spillway_redis_\\w+',
  'spillway_organizations_near_quota'
].map((name) => `^${name}$`).join('|'))

/** Each process has its own of these. */
const OF_THE_PROCESS = new RegExp([
  'up',
  '(?:process|nodejs|http)_\\w+',
  'rule_engine_queue_health',
  'rule_engine_backpressure_(?:circuit_state|threshold_\\w+|rejected_total)',
  'spillway_(?:build_info|admitted_total|signals_age_seconds)',
  'spillway_retry_after_accuracy\\w*',
  'spillway_queue_\\w+_bytes',
  'spillway_(?:batch|spool)_\\w+',
  'spillway_worker_events_total',
  'spillway_producers_refused_total',
  'spillway_forbidden_total',
  'spillway_quota_refused_total',
  'spillway_organizations_above_share',
  'spillway_identity_provider_away'
].map((name) => `^${name}$`).join('|'))

const COUNTER = /_(?:total|bucket|sum|count)$/
const RATES = ['rate', 'increase']

/** Expressions that were agreed on with those who wrote tools around them. */
const FIXED = ['rule_engine_backpressure_circuit_state == 2', 'rule_engine_queue_total_pending > 50000']

const expressions = [...alertRules, ...recordingRules, ...panelQueries].map(({ expr }) => expr)
const rawSelectors = expressions.filter((expr) => !FIXED.includes(expr)).flatMap((expr) =>
  selectorsOf(expr).map((selector) => ({ expr, ...selector }))
).filter(({ metric }) => !metric.includes(':'))

t.test('promtool finds no fault with the rules and the configuration', { skip: isMissing }, async (t) => {
  t.match(
    await promtool('check', 'rules', '--lint=all', '--lint-fatal', join(ROOT, RULES)),
    `SUCCESS: ${alertRules.length + recordingRules.length} rules found`
  )
  t.match(
    await promtool('check', 'config', '--lint=all', '--lint-fatal', join(ROOT, 'deploy/prometheus/prometheus.yml')),
    'SUCCESS: 1 rule files found'
  )
})

for (const file of globSync('deploy/prometheus/tests/*.yml', { cwd: ROOT }).toSorted()) {
  t.test(`the rules do what ${file} says`, { skip: isMissing }, async (t) => {
    await t.resolves(promtool('test', 'rules', join(ROOT, file)))
  })
}

t.test('each alert has a unit test in which it does not fire, fires, and no longer does', async (t) => {
  const courses = readExpectations()
  for (const { alert } of alertRules) {
    const isShown = courses.some((expectations) => {
      const firing = expectations.filter(({ alertname }) => alertname === alert).map(({ exp_alerts: alerts }) =>
        alerts.length > 0
      )
      return firing[0] === false && firing.includes(true) && firing.at(-1) === false
    })
    t.ok(isShown, alert)
  }
})

t.test('each alert has a severity, says what it means and names its section of the runbook', async (t) => {
  for (const { alert, labels, annotations } of alertRules) {
    t.match(labels, { severity: /^(critical|warning)$/ }, alert)
    t.strictSame(Object.keys(annotations), ['summary', 'description', 'runbook'], alert)
    t.equal(annotations.runbook, `docs/ALERTS.md#${alert.toLowerCase()}`)
  }
  const headings = [...readFileSync(join(ROOT, 'docs/ALERTS.md'), 'utf8').matchAll(/^### (Spillway\w+)$/gm)].map((
    [, name]
  ) => name)
  t.strictSame(
    headings.toSorted(),
    alertRules.map(({ alert }) => alert).toSorted(),
    'the runbook has a section for each, and no other'
  )
})

t.test('the agreed expressions are there', async (t) => {
  for (const expression of FIXED) t.ok(alertRules.some(({ expr }) => expr === expression), expression)
})

t.test('of each series it is known whether replicas share it', async (t) => {
  for (const { metric } of rawSelectors) t.not(OF_THE_FLEET.test(metric), OF_THE_PROCESS.test(metric), metric)
})

t.test('what every replica reads alike is not added up, and of a count the greatest comes before the rate', async (t) => {
  for (const { expr, metric, within } of rawSelectors.filter(({ metric }) => OF_THE_FLEET.test(metric)))
    t.equal(within[0], 'max', `${metric} in ${expr}`)
})

t.test('of what a process counts the rate comes before the sum', async (t) => {
  for (
    const { expr, metric, within } of rawSelectors.filter(({ metric }) =>
      OF_THE_PROCESS.test(metric) && COUNTER.test(metric)
    )
  ) {
    // The count of damaged files tells something without a rate: it stands before the first scrape.
    if (metric === 'spillway_spool_damaged_events_total') continue
    t.ok(RATES.includes(within[0] ?? ''), `${metric} in ${expr}`)
    t.notMatch(within, /^(?:max|min|avg)$/)
  }
})

t.test('what is recorded for the fleet is kept apart by job', async (t) => {
  const ungrouped = recordingRules.filter(({ expr }) =>
    selectorsOf(expr).some(({ metric }) => !metric.includes(':')) && !groupingLabelsOf(expr).includes('job')
  )
  t.strictSame(ungrouped.map(({ record }) => record), [])
})

t.test('what is read of recorded series is recorded', async (t) => {
  const recorded = new Set(recordingRules.map(({ record }) => record))
  const read = expressions.flatMap(selectorsOf).map(({ metric }) => metric).filter((metric) => metric.includes(':'))
  t.strictSame(read.filter((metric) => !recorded.has(metric)), [])
})

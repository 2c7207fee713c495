import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { DONE } from '../../services/event/outcome.ts'
import { startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { annotationQueries, panelQueries, variableQueries } from './dashboard-file.ts'
import { isMissing, PrometheusServer, type Sample } from './prometheus-server.ts'
import { groupingLabelsOf, selectorsOf } from './promql.ts'
import { alertRules, readRules, recordingRules, ROOT, type RuleFile } from './rule-file.ts'

const OVERLOAD = [
  'SpillwayCircuitOpen',
  'SpillwayQueueDepthOver50000',
  'SpillwayQueueDepthCritical',
  'SpillwayQueueDepthWarning'
]
const EVENTS_PER_ARRAY = 10_000

interface Alert {
  state: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

/** The example configuration, with targets that are there and intervals for the impatient. */
function configFor (targets: readonly string[]): object {
  const { scrape_configs: [scrape] } = parse(readFileSync(join(ROOT, 'deploy/prometheus/prometheus.yml'), 'utf8')) as {
    scrape_configs: Record<string, unknown>[]
  }
  const { dns_sd_configs: _names, ...rest } = scrape as Record<string, unknown>
  return {
    global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' },
    scrape_configs: [{ ...rest, static_configs: [{ targets }] }]
  }
}

/** The rules as they are shipped, except that nothing waits for minutes. */
function impatientRules (): RuleFile {
  return {
    groups: readRules().groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => 'for' in rule ? { ...rule, for: '1s' } : rule)
    }))
  }
}

async function addressOf (app: FastifyInstance): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

async function postArray (address: string, count: number, priority: number): Promise<number> {
  const body = `[${Array.from({ length: count }, () => `{"type":"x","payload":0,"priority":${priority}}`).join()}]`
  const answer = await fetch(`http://${address}/api/v1/events/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body
  })
  return (await answer.json() as { accepted: number }).accepted
}

/**
 * An API and a worker on one queue, each a target of a real Prometheus. The worker finishes nothing while it is held,
 * as it is at first.
 */
async function startFleet (t: Test) {
  const redis = await startRedis(t)
  let gate = Promise.withResolvers<void>()
  const { app: api } = await startApp(t, { redis, env: { SPOOL_CLASSES: 'critical', BATCH_MAX_EVENTS: '1000' } })
  const { app: worker } = await startApp(t, {
    redis,
    env: { ROLE: 'worker', HANDLER_TIMEOUT_MS: '600000' },
    handlers: [{
      name: 'held',
      handler: {
        kind: 'batch',
        handle: async (events) => {
          await gate.promise
          return { outcomes: events.map(() => DONE) }
        }
      }
    }]
  })
  // Not to hold up the end of the worker when a test fails.
  t.teardown(async () => gate.resolve())
  const targets = [await addressOf(api), await addressOf(worker)] as const
  const prometheus = await PrometheusServer.start(t, configFor(targets), impatientRules())
  const firing = async () =>
    (await prometheus.get<{ alerts: Alert[] }>('alerts')).alerts.filter(({ state }) => state === 'firing')
  return {
    redis,
    targets,
    prometheus,
    firing,
    release: () => gate.resolve(),
    hold: () => {
      gate = Promise.withResolvers<void>()
    }
  }
}

t.test('a real Prometheus scrapes a fleet', { skip: isMissing }, async (t) => {
  const { redis, targets: [api, worker], prometheus, firing, release, hold } = await startFleet(t)

  await t.test('an overload fires the alerts, each replica for itself or the fleet as one', async (t) => {
    const single = await fetch(`http://${api}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"type":"x","payload":0}'
    })
    t.equal(single.status, 202)
    // A rise has to be seen to rise: from before the overload on.
    await eventually(
      'both have been scraped twice',
      async () => (await prometheus.query('count_over_time(up[1m]) > 1 and up == 1')).length === 2
    )
    let accepted = 1
    for (let posted = 0; posted < 60_000; posted += EVENTS_PER_ARRAY)
      accepted += await postArray(api, EVENTS_PER_ARRAY, 5)
    t.ok(accepted < 60_000, 'the circuit opens and normal events are shed')
    accepted += await postArray(api, 3_000, 1)
    t.ok(accepted > 50_000, 'critical events get in')
    const alerts = await eventually('all of them fire', async () => {
      const alerts = await firing()
      const names = alerts.map(({ labels }) => labels.alertname ?? '')
      const isAllThere = [...OVERLOAD, 'SpillwayShedding'].every((name) => names.includes(name)) &&
        names.filter((name) => name === 'SpillwayCircuitOpen').length === 2
      if (!isAllThere) throw new Error(`firing: ${names.join(', ')}`)
      return alerts
    })
    const labelsOf = (name: string) =>
      alerts.filter(({ labels }) => labels.alertname === name).map(({ labels }) => labels).toSorted((a, b) =>
        a.instance?.localeCompare(b.instance ?? '') ?? 0
      )
    const own = { alertname: 'SpillwayCircuitOpen', job: 'spillway', severity: 'critical' }
    t.strictSame(labelsOf('SpillwayCircuitOpen'), [api, worker].toSorted().map((instance) => ({ ...own, instance })))
    t.strictSame(labelsOf('SpillwayQueueDepthCritical'), [{ ...own, alertname: 'SpillwayQueueDepthCritical' }])
    await eventually(
      'the depth is counted once, not once per replica',
      async () => (await prometheus.query(`spillway:queue_depth:max == ${accepted}`)).length === 1
    )
    t.strictSame(alerts.filter(({ annotations }) => /no value|error expanding/.test(JSON.stringify(annotations))), [])
    t.notOk(alerts.some(({ labels }) =>
      ['SpillwayNoApi', 'SpillwayTargetDown', 'SpillwayCriticalRefused', 'SpillwayLedgerImbalance']
        .includes(labels.alertname ?? '')
    ))
  })

  await t.test('they resolve as the queue drains', async () => {
    release()
    await eventually(
      'none of them fires',
      async () => !(await firing()).some(({ labels }) => OVERLOAD.includes(labels.alertname ?? ''))
    )
    await eventually(
      'the queue is empty',
      async () => (await prometheus.query('spillway:queue_depth:max == 0')).length === 1
    )
  })

  await t.test('every rule is loaded and evaluated without an error', async (t) => {
    const { groups } = await prometheus.get<
      { groups: { rules: { name: string, health: string, lastError?: string }[] }[] }
    >('rules')
    const rules = groups.flatMap((group) => group.rules)
    t.equal(rules.length, alertRules.length + recordingRules.length)
    t.strictSame(rules.filter(({ health }) => health !== 'ok'), [])
  })

  await t.test('every series and label that rules and dashboard read is there', async (t) => {
    const expressions = [...alertRules, ...recordingRules, ...panelQueries, ...annotationQueries].map(({ expr }) =>
      expr
    )
    const series = new Map<string, Sample[]>()
    for (const { text } of expressions.flatMap(selectorsOf)) {
      if (!series.has(text))
        series.set(
          text,
          await eventually(
            `there is ${text}`,
            async () => (samples => samples.length > 0 && samples)(await prometheus.query(text))
          )
        )
    }
    const unknown = expressions.flatMap((expression) => {
      const selectors = selectorsOf(expression)
      const labels = new Set(selectors.flatMap(({ text }) =>
        series.get(text) ?? []
      ).flatMap(({ metric }) => Object.keys(metric)))
      return [...selectors.flatMap((selector) => selector.labels), ...groupingLabelsOf(expression)].filter((label) =>
        !labels.has(label)
      ).map((label) => `${label}: ${expression}`)
    })
    t.strictSame(unknown, [], 'no label of which no series has any')
  })

  await t.test('every expression has an answer, and what is shown has a value', async (t) => {
    // An alert has no value when all is well.
    for (const { expr } of [...alertRules, ...annotationQueries]) await t.resolves(prometheus.query(expr), expr)
    for (const { expr } of recordingRules) t.ok((await prometheus.query(expr)).length > 0, expr)
    for (const { title, expr, legendFormat } of panelQueries) {
      const [sample] = await prometheus.query(expr)
      t.ok(sample !== undefined, `${title}: ${expr}`)
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) t.ok(
          sample === undefined || label in sample.metric,
          `${title}: ${legendFormat}`
        )
    }
  })

  await t.test('the variables of the dashboard find the fleet and its processes', async (t) => {
    const values = async (name: string) => {
      const { selector, label } = variableQueries.find((query) => query.name === name) ?? { selector: '', label: '' }
      return prometheus.get<string[]>(`label/${label}/values`, { 'match[]': selector })
    }
    t.strictSame(await values('job'), ['spillway'])
    t.strictSame((await values('instance')).toSorted(), [api, worker].toSorted())
  })
  await t.test('a Redis that is lost is told of each process, and its queue is not taken for an empty one', async (t) => {
    hold()
    t.equal(await postArray(api, 7, 1), 7)
    const depthIs = async (depth: number) =>
      (await prometheus.query(`spillway:queue_depth:max == ${depth}`)).length === 1
    await eventually('Prometheus has the depth', () => depthIs(7))
    await redis.kill()
    const stale = await eventually('both processes are reported', async () => {
      const alerts = (await firing()).filter(({ labels }) => labels.alertname === 'SpillwaySnapshotStale')
      return alerts.length === 2 && alerts
    })
    t.strictSame(stale.map(({ labels }) => labels.instance).toSorted(), [api, worker].toSorted())
    t.equal(await postArray(api, 1, 1), 1, 'a critical event is taken on disk')
    await eventually(
      'the spool is shown',
      async () =>
        (await prometheus.query('sum(spillway_spool_events) == 1 and sum(spillway_spool_bytes) > 0')).length === 1
    )
    t.strictSame(await prometheus.query('spillway:queue_depth:max'), [], 'a depth that nobody knows is no depth of now')
    t.equal(
      (await prometheus.query('rule_engine_queue_total_pending == 7 and on (instance) rule_engine_queue_health == 4'))
        .length,
      2,
      'the last known one stays, with the word that it is old'
    )
    t.notOk((await firing()).some(({ labels }) => labels.alertname === 'SpillwayCriticalRefused'))
    await redis.start()
    await eventually(
      'both read the queue again',
      async () => !(await firing()).some(({ labels }) => labels.alertname === 'SpillwaySnapshotStale')
    )
  })
})

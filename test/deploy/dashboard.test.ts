import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { dashboard, variableQueries, type Panel } from './dashboard-file.ts'
import { ROOT } from './rule-file.ts'

const read = (path: string) => parse(readFileSync(join(ROOT, path), 'utf8'))
const { services } = read('compose.yaml') as { services: Record<string, { profiles?: string[], volumes?: string[] }> }
const panels = dashboard.panels.filter(({ type }) => type !== 'row')

/** Returns the path in a container of compose.yaml for a path of this repository; undefined when it is not mounted. */
function inContainer (service: string, path: string): string | undefined {
  const mounts = services[service]?.volumes?.map((volume) => volume.split(':') as [from: string, to: string]) ?? []
  const mount = mounts.find(([from]) => `${path}/`.startsWith(`${from.replace('./', '')}/`))
  return mount && join(mount[1], path.slice(mount[0].length - './'.length))
}

function overlaps (a: Panel['gridPos'], b: Panel['gridPos']): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

t.test('panels have ids and places of their own', async (t) => {
  t.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length)
  dashboard.panels.forEach((panel, index) => {
    t.ok(panel.gridPos.x + panel.gridPos.w <= 24, panel.title)
    for (const other of dashboard.panels.slice(index + 1))
      t.notOk(overlaps(panel.gridPos, other.gridPos), `${panel.title} and ${other.title}`)
  })
})

t.test('each panel asks the chosen data source, and says what it shows', async (t) => {
  for (const { title, description, datasource, targets = [] } of panels) {
    t.ok(description, title)
    t.ok(targets.length > 0, title)
    t.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title)
    for (const source of [datasource, ...targets.map((target) => target.datasource)])
      t.equal(source?.uid, '${datasource}', title)
  }
})

t.test('each variable that is used is there, and those of queries can be read', async (t) => {
  const variables = dashboard.templating.list.map(({ name }) => name)
  const used = new Set([...JSON.stringify(dashboard).matchAll(/\$\{?(?!__)(\w+)/g)].map(([, name]) => name as string))
  t.strictSame([...used].toSorted(), variables.toSorted())
  t.strictSame(variableQueries.map(({ name }) => name), ['job', 'instance'])
})

t.test('the queries that a panel and its editor show are the same', async (t) => {
  for (const { name, expr, target } of dashboard.annotations.list) t.equal(target?.expr, expr, name)
})

t.test('compose mounts what Prometheus and Grafana read, in a profile of their own', async (t) => {
  t.strictSame([services.prometheus?.profiles, services.grafana?.profiles], [['observability'], ['observability']])
  const config = inContainer('prometheus', 'deploy/prometheus/prometheus.yml') ?? ''
  t.equal(config, '/etc/prometheus/prometheus.yml', 'where the image looks for it')
  const { rule_files: [rules] } = read('deploy/prometheus/prometheus.yml') as { rule_files: string[] }
  t.equal(dirname(join(dirname(config), rules as string)), inContainer('prometheus', 'deploy/prometheus/rules'))
  t.equal(
    inContainer('grafana', 'deploy/grafana/provisioning'),
    '/etc/grafana/provisioning',
    'where the image looks for it'
  )
  const { providers: [provider] } = read('deploy/grafana/provisioning/dashboards/spillway.yml') as {
    providers: { options: { path: string } }[]
  }
  t.equal(provider?.options.path, inContainer('grafana', 'deploy/grafana/dashboards'))
})

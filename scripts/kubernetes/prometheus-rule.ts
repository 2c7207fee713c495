import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'

const ROOT = join(import.meta.dirname, '../..')

/** Path of the rules for the Prometheus operator. */
export const PROMETHEUS_RULE = join(ROOT, 'deploy/kubernetes/components/monitoring/prometheus-rule.yaml')

const HEAD =
  '# The rules of deploy/prometheus/rules/ in the form of the Prometheus operator; npm run prometheus-rule writes ' +
  'this file.\n'

/** Returns the groups of all rule files as one PrometheusRule, in YAML. */
export function prometheusRule (): string {
  const files = globSync('deploy/prometheus/rules/*.yml', { cwd: ROOT }).toSorted()
  const groups = files.flatMap((file) => parse(readFileSync(join(ROOT, file), 'utf8')).groups)
  if (groups.length === 0) throw new Error('there are no rules in deploy/prometheus/rules/')
  const labels = { 'app.kubernetes.io/name': 'spillway', 'app.kubernetes.io/part-of': 'spillway' }
  return HEAD +
    stringify({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: 'spillway', labels },
      spec: { groups }
    }, { lineWidth: 0 })
}

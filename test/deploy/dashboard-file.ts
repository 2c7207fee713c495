import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './rule-file.ts'

export interface Panel {
  id: number
  type: string
  title: string
  description?: string
  datasource?: { type: string, uid: string }
  gridPos: { x: number, y: number, w: number, h: number }
  targets?: { refId: string, expr: string, legendFormat: string, datasource: { uid: string } }[]
}

interface Dashboard {
  title: string
  panels: Panel[]
  annotations: { list: { name: string, expr?: string, target?: { expr: string } }[] }
  templating: { list: { name: string, type: string, definition?: string, query: unknown }[] }
}

/** The dashboard as it is shipped. */
export const dashboard = JSON
  .parse(readFileSync(join(ROOT, 'deploy/grafana/dashboards/spillway.json'), 'utf8')) as Dashboard

const VALUES: Record<string, string> = { $job: 'spillway', $instance: '.*', $__rate_interval: '1m' }

/** An expression as Grafana sends it: with values for its variables. */
function interpolated (expression: string): string {
  return expression.replaceAll(/\$\w+/g, (variable) => VALUES[variable] ?? variable)
}

/** The queries of each panel. */
export const panelQueries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr: interpolated(expr), legendFormat })))

export const annotationQueries = dashboard.annotations.list.flatMap(({ name, expr }) =>
  expr === undefined ? [] : [{ name, expr: interpolated(expr) }]
)

/** Selector and label of each `label_values(selector, label)` that fills a variable. */
export const variableQueries = dashboard.templating.list.flatMap(({ name, definition }) => {
  const [, selector, label] = /^label_values\((.+), (\w+)\)$/.exec(interpolated(definition ?? '')) ?? []
  return selector === undefined || label === undefined ? [] : [{ name, selector, label }]
})

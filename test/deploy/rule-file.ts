import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const ROOT = join(import.meta.dirname, '../..')
export const RULES = 'deploy/prometheus/rules/spillway.yml'

export interface AlertRule {
  alert: string
  expr: string
  for?: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

export interface RecordingRule {
  record: string
  expr: string
}

export interface RuleFile {
  groups: { name: string, rules: (AlertRule | RecordingRule)[] }[]
}

/** The alerts that are expected at one moment, in a unit test of promtool. */
export interface Expectation {
  alertname: string
  eval_time: string
  exp_alerts: { exp_labels: Record<string, string> }[]
}

/** The rules as they are shipped. */
export function readRules (): RuleFile {
  return parse(readFileSync(join(ROOT, RULES), 'utf8')) as RuleFile
}

const rules = readRules().groups.flatMap((group) => group.rules)

export const alertRules = rules.filter((rule) => 'alert' in rule)
export const recordingRules = rules.filter((rule) => 'record' in rule)

/** Every expectation of promtool's unit tests, group by group. */
export function readExpectations (): Expectation[][] {
  return globSync('deploy/prometheus/tests/*.yml', { cwd: ROOT }).flatMap((file) => {
    const { tests } = parse(readFileSync(join(ROOT, file), 'utf8')) as { tests: { alert_rule_test?: Expectation[] }[] }
    return tests.map((group) => group.alert_rule_test ?? [])
  })
}

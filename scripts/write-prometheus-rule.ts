import { writeFile } from 'node:fs/promises'
import { PROMETHEUS_RULE, prometheusRule } from './kubernetes/prometheus-rule.ts'

await writeFile(PROMETHEUS_RULE, prometheusRule())

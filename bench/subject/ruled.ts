import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { spillway } from './spillway.ts'
import type { Subject } from './subject.ts'

/** Spillway with a worker that evaluates so many rules on each event; none of them matches. */
export function ruled (rules: number): Subject {
  const { start: _, ...rest } = spillway({ hasWorker: true })
  return {
    ...rest,
    start: async (environment) => {
      const file = join(environment.folder, 'rules.json')
      await writeFile(file, JSON.stringify({ rules: Array.from({ length: rules }, (_rule, index) => ruleOf(index)) }))
      return spillway({ keys: { RULES_FILE: file }, hasWorker: true }).start(environment)
    }
  }
}

function ruleOf (index: number) {
  return {
    id: `rule-${index}`,
    types: ['telemetry-data'],
    when: {
      and: [{ '>': [{ var: 'payload.values.temperature' }, 80 + index] }, {
        '<': [{ var: 'payload.values.humidity' }, 0.9]
      }]
    },
    actions: [{ log: { level: 'warn', message: 'A device is overheating' } }]
  }
}

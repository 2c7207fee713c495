/*
 * The admission of production in a fleet of many replicas, on a virtual clock: limits, agreement on the circuit, and
 * quotas, with delays, wrong clocks, loops that stand still, late replicas, and a part that is cut off.
 *
 *   npm run simulate:replicas
 *   npm run simulate:replicas -- --replicas 100 --seconds 30 --seed 2
 */
import { join } from 'node:path'
import { readOptions, type NumberBounds } from '../rig/options.ts'
import { table } from '../rig/table.ts'
import { isPolicyModule } from '../services/admission/policy.ts'
import { MOST_MEMBERS } from '../services/fleet/member.ts'
import { loadFolder } from '../services/registry/load-folder.ts'
import { fleetRows } from './fleet/report.ts'
import { runFleet } from './fleet/run-fleet.ts'

const POLICIES = join(import.meta.dirname, '../services/admission/policies')
const whole = { low: 1, high: 1_000_000, isWhole: true }

const FLAGS = {
  'replicas': { type: 'string', default: '1000' },
  'seconds': { type: 'string', default: '60' },
  'seed': { type: 'string', default: '1' },
  'capacity': { type: 'string', default: '20000' },
  'crowd': { type: 'string', default: '10' },
  'critical': { type: 'string', default: '50000' },
  'array-events': { type: 'string', default: '100' },
  'array-share': { type: 'string', default: '0.5' },
  'quota': { type: 'string', default: '5000' },
  'sample-interval': { type: 'string', default: '100' },
  'most-members': { type: 'string', default: String(MOST_MEMBERS) }
} as const

const options = readOptions(FLAGS, (reader) => {
  const number = (flag: keyof typeof FLAGS, bounds: NumberBounds) => reader.number(flag, reader.values[flag], bounds)
  const critical = number('critical', { ...whole, low: 100 })
  return {
    replicas: number('replicas', { ...whole, high: 10_000 }),
    seconds: number('seconds', { ...whole, low: 10, high: 3_600 }),
    seed: number('seed', whole),
    capacityPerSecond: number('capacity', whole),
    crowd: number('crowd', { low: 0, high: 1_000 }),
    thresholds: { recovery: critical / 10, warning: critical / 5, critical, hardLimit: 4 * critical },
    arrayEvents: number('array-events', { ...whole, high: 10_000 }),
    arrayShare: number('array-share', { low: 0, high: 1 }),
    quotaPerSecond: number('quota', whole),
    sampleIntervalMs: number('sample-interval', { ...whole, low: 10, high: 10_000 }),
    mostMembers: number('most-members', whole)
  }
})

const policies = await loadFolder(POLICIES, isPolicyModule, 'a policy module { rank, create }')
const run = await runFleet({ ...options, policies })
process.stdout.write(`${table([`${options.replicas.toLocaleString('en')} replicas`, 'value'], fleetRows(run, options))}\n`)

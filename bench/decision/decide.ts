/* A program that times single decisions of the admission controller and sends back the quantiles, in microseconds. */
import { join } from 'node:path'
import { AdmissionController } from '../../services/backpressure/controller.ts'
import { isSheddingPolicy } from '../../services/backpressure/policy.ts'
import { loadFolder } from '../../services/registry/load-folder.ts'

const WARM_UP = 200_000
const DECISIONS = 1_000_000
const SLOTS = 11
const thresholds = { recovery: 5_000, warning: 10_000, critical: 50_000, hardLimit: 1_000_000 }
/** Nothing waits, low is shed, the circuit is open. */
const DEPTHS = [0, 45_000, 60_000]

const POLICIES = join(import.meta.dirname, '../../services/backpressure/policies')
const policies = (await loadFolder(POLICIES, isSheddingPolicy, 'a shedding policy')).map(({ name, value }) => ({ ...value, reason: name }))
const controllers = DEPTHS.map((depth) => {
  const controller = new AdmissionController({ thresholds, policies, now: 0 })
  // Rates need two samples.
  for (let turn = 1; turn <= 3; turn++) {
    const sample = { depthByPriority: slots((slot) => slot === 5 ? depth : 0), enqueuedByPriority: slots((slot) => slot * turn * 10), finished: turn * 500 }
    controller.update(sample, turn * 100)
  }
  return controller
})
const times = new Float64Array(DECISIONS)
let refused = 0

for (let index = 0; index < WARM_UP; index++) decide(index)
for (let index = 0; index < DECISIONS; index++) {
  const startedAt = performance.now()
  decide(index)
  times[index] = performance.now() - startedAt
}
times.sort()
const quantileMicros = (share: number) => (times[Math.floor(DECISIONS * share)] as number) * 1_000
const [p50Micros, p99Micros, p999Micros] = [0.5, 0.99, 0.999].map(quantileMicros)
process.send?.({ p50Micros, p99Micros, p999Micros, refusedShare: refused / (WARM_UP + DECISIONS) }, () => process.disconnect())

function slots (valueOf: (slot: number) => number): number[] {
  return Array.from({ length: SLOTS }, (_, slot) => valueOf(slot))
}

function decide (index: number): void {
  const controller = controllers[index % controllers.length] as AdmissionController
  if (!controller.decide(1 + index % 10, false, Math.random).admitted) refused++
}

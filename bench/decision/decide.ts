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

const policies = (await loadFolder(join(import.meta.dirname, '../../services/backpressure/policies'), isSheddingPolicy, 'a shedding policy')).map(({ name, value }) => ({ ...value, reason: name }))
const controllers = DEPTHS.map((depth) => {
  const controller = new AdmissionController({ thresholds, policies, now: 0 })
  for (let sample = 1; sample <= 3; sample++) {
    controller.update({ depthByPriority: Array.from({ length: SLOTS }, (_, slot) => slot === 5 ? depth : 0), enqueuedByPriority: Array.from({ length: SLOTS }, (_, slot) => slot * sample * 10), finished: sample * 500 }, sample * 100)
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
process.send?.({ p50Micros: quantileMicros(0.5), p99Micros: quantileMicros(0.99), p999Micros: quantileMicros(0.999), refusedShare: refused / (WARM_UP + DECISIONS) }, () => process.disconnect())

function decide (index: number): void {
  const controller = controllers[index % controllers.length] as AdmissionController
  if (!controller.decide(1 + index % 10, false, Math.random).admitted) refused++
}

import t from 'tap'
import { run, tinyWorld } from './tiny-world.ts'

/** A consumer that is given three times too much, in a world in which thresholds of the operator are far away. */
const OVERLOADS = [
  { capacityChange: 5 },
  { capacityChange: 0.2 },
  { load: 3 },
  { source: { pattern: 'square', eventsPerSecond: 50, seconds: 1_200 }, load: 1.5 },
  { source: { pattern: 'step', eventsPerSecond: 50, seconds: 1_200 }, load: 1.5 },
  { load: 2, stalls: [{ atMs: 300_000, forMs: 60_000 }] }
] as const

const LONG = {
  source: { pattern: 'constant', eventsPerSecond: 50, seconds: 1_200 },
  load: 1.5,
  mix: [0.05, 0.55, 0.4]
} as const

t.test('thresholds that adapt move the circuit no more often than those that stay, and keep the budget', async (t) => {
  for (const overload of OVERLOADS) {
    const world = await tinyWorld({ ...LONG, ...overload }, 2_000)
    const [moving, fixed] = [run(world, 'adaptive').figures, run(world, 'static').figures]
    const name = JSON.stringify(overload)
    const most = Math.max(3, fixed.circuitFlips)
    t.ok(moving.circuitFlips <= most, `${moving.circuitFlips} steps against ${fixed.circuitFlips}: ${name}`)
    t.ok(moving.minutesWithinBudget.normal >= 0.9, `${moving.minutesWithinBudget.normal} of the minutes: ${name}`)
    t.ok(moving.goodput >= fixed.goodput, `goodput ${moving.goodput} against ${fixed.goodput}: ${name}`)
    t.equal(moving.criticalLost, 0, name)
  }
})

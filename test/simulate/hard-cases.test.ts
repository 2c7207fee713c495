import t from 'tap'
import { run, tinyWorld } from './tiny-world.ts'

/*
 * Consumers and arrivals that deceive a controller. The cause begins after a third of the run or before. A class that
 * no event of was worked on from then to the end is starved for ever.
 */
const SECONDS = 600
const BASE = {
  source: { pattern: 'constant', eventsPerSecond: 30, seconds: SECONDS },
  mix: [0.05, 0.55, 0.4]
} as const
const CASES = {
  'stable time-out': { load: 0.8, timeOuts: [{ atMs: 200_000, forMs: 90_000 }] },
  'stable time-out of an overloaded consumer': { load: 1.2, timeOuts: [{ atMs: 200_000, forMs: 90_000 }] },
  'consumer that oscillates as fast as control': { load: 1.3, oscillationMs: 1_000 },
  'consumer that oscillates as slowly as thresholds': { load: 1.3, oscillationMs: 10_000 },
  'poison events of a consumer with few slots': {
    load: 1.5, slots: 4, serviceTimes: 'poison', budgetsMs: [2_000, 30_000, 300_000],
    source: { ...BASE.source, eventsPerSecond: 25 }
  },
  'poison events': { load: 1.5, serviceTimes: 'poison' },
  'flash crowd': { ...BASE, source: { ...BASE.source, pattern: 'flash-crowd' } }
} as const

for (const [name, changes] of Object.entries(CASES)) {
  t.test(`${name}: no policy moves the circuit more often than static thresholds, and no class starves`, async (t) => {
    const world = await tinyWorld({ ...BASE, ...changes }, 1_200)
    const fixed = run(world, 'static').figures
    // A circuit that opens once makes three steps.
    const most = Math.max(3, fixed.circuitFlips)
    for (const policy of ['adaptive', 'smooth', 'adaptive-smooth']) {
      const { circuitFlips, starvedSeconds, criticalLost } = run(world, policy).figures
      t.ok(circuitFlips <= most, `${policy}: ${circuitFlips} against ${fixed.circuitFlips}`)
      t.ok(Math.max(...Object.values(starvedSeconds)) < SECONDS * 2 / 3, `${policy}: ${JSON.stringify(starvedSeconds)}`)
      t.equal(criticalLost, 0)
    }
  })
}

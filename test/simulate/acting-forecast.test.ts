import t from 'tap'
import { run, tinyWorld } from './tiny-world.ts'

/** Calm for two minutes, then twice what a worker can do, for which a second worker needs half a minute. */
const STEP = {
  source: { pattern: 'step', eventsPerSecond: 40, seconds: 240 },
  capacityPerSecond: 40,
  mostWorkers: 4,
  scaleOutLagMs: 30_000,
  clients: ['none']
} as const

t.test('a forecast that knows the arrivals has workers there in time, and one without proof is silent', async (t) => {
  const world = await tinyWorld(STEP, 300)
  const [off, known, unproven] = ['static', 'forecast-known', 'forecast'].map((name) => run(world, name).figures)
  t.ok(off!.secondsAtLimit > 5, `${off!.secondsAtLimit} s at the limit without a forecast`)
  t.ok(known!.secondsAtLimit < 0.8 * off!.secondsAtLimit, `${known!.secondsAtLimit} s with one that knows`)
  t.ok(known!.shedShare.low <= off!.shedShare.low)
  t.strictSame(unproven, off)
})

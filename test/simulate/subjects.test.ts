import t from 'tap'
import { run, tinyWorld } from './tiny-world.ts'

/** Three times as many events as workers can do, of which critical and normal alone are too many. */
const OVERLOAD = {
  source: { pattern: 'constant', eventsPerSecond: 50, seconds: 600 }, load: 3, mix: [0.05, 0.55, 0.4]
} as const

t.test('smooth shedding refuses a share where the cliff refuses all, and does not open the circuit', async (t) => {
  const world = await tinyWorld(OVERLOAD, 500)
  const [smooth, cliff] = [run(world, 'smooth').figures, run(world, 'static').figures]
  t.ok(cliff.circuitFlips > 0)
  t.equal(smooth.circuitFlips, 0)
  t.equal(smooth.shedShare.critical, 0)
  t.ok(smooth.shedShare.normal > 0.2 && smooth.shedShare.normal < 1, String(smooth.shedShare.normal))
  t.ok(smooth.waitMs.normal.p99 <= cliff.waitMs.normal.p99, 'both queues are at most as long')
})

t.test('an event that a sample leaves out does not come back, and weights give the number of events', async (t) => {
  const world = await tinyWorld({ ...OVERLOAD, clients: ['immediate'] }, 500)
  for (const [name, classes] of [['sampling', ['normal', 'low']], ['sampling-low', ['low']]] as const) {
    const { sample, counts, shedShare } = run(world, name).figures
    t.strictSame(Object.keys(sample).filter((each) => sample[each as 'low'] !== null), classes, name)
    for (const each of classes) {
      const { share, error, standardErrors } = sample[each]!
      t.ok(share > 0.05 && share < 1, `${name}: ${share} of ${each} are left out`)
      t.ok(error > 0 && error < 0.2, `${name}: ${each} estimated with an error of ${error}`)
      t.ok(standardErrors! < 3.5, `${name}: ${standardErrors} standard errors`)
    }
    if (name === 'sampling') t.equal(counts.offered, counts.events, 'nothing is refused, so nothing is offered again')
    else t.ok(shedShare.normal > 0, 'normal events are refused if only low is sampled')
  }
})

t.test('subjects without a sample leave nothing out', async (t) => {
  t.strictSame(run(await tinyWorld(OVERLOAD), 'static').figures.sample, { critical: null, normal: null, low: null })
})

t.test('everything together keeps the budget of normal and leaves out low, and the circuit moves once', async (t) => {
  const world = await tinyWorld(OVERLOAD, 2_000)
  const { minutesWithinBudget, circuitFlips, sample, criticalLost } = run(world, 'everything').figures
  t.ok(minutesWithinBudget.normal >= 0.9, String(minutesWithinBudget.normal))
  t.ok(circuitFlips <= 3, `${circuitFlips} steps, while the capacity is not yet known`)
  t.equal(criticalLost, 0)
  t.ok(sample.low!.share > 0)
})

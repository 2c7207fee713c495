import t from 'tap'
import { run, tinyWorld } from './tiny-world.ts'

/** Workers that stand still from beginning to end, so that the depth is the number of admitted events. */
const STALLED = { stalls: [{ atMs: 0, forMs: 100_000_000 }], clients: ['none'] }

t.test('production sheds low from 80 % of the critical threshold and normal from the threshold', async (t) => {
  const lowAlone = run(await tinyWorld({ ...STALLED, mix: [0, 0, 1] }), 'static').figures.counts
  t.equal(lowAlone.admitted, 80)
  const normalAlone = run(await tinyWorld({ ...STALLED, mix: [0, 1, 0] }), 'static').figures.counts
  t.equal(normalAlone.admitted, 100)
  const critical = run(await tinyWorld({ ...STALLED, mix: [1, 0, 0] }), 'static').figures.counts
  t.equal(critical.admitted, 1_000, 'up to the hard limit')
  t.equal(critical.queued, critical.admitted)
})

t.test('the cliff sheds normal and low alike', async (t) => {
  const admitted = async (mix: readonly [number, number, number]) =>
    run(await tinyWorld({ ...STALLED, mix }), 'static-cliff').figures.counts.admitted
  t.equal(await admitted([0, 0, 1]), 80)
  t.equal(await admitted([0, 1, 0]), 80)
})

t.test('the circuit moves as often as the depth crosses', async (t) => {
  const calm = await tinyWorld({ load: 0.5 })
  t.equal(run(calm, 'static').figures.circuitFlips, 0)
  const stalledOnce = await tinyWorld({ load: 0.5, stalls: [{ atMs: 10_000, forMs: 10_000 }], serviceTimes: 'fixed' })
  t.equal(run(stalledOnce, 'static').figures.circuitFlips, 3, 'open, half-open, closed')
})

t.test('the backlog of critical events is no overshoot, since nobody could keep it lower', async (t) => {
  const overshoot = async (mix: readonly [number, number, number]) =>
    run(await tinyWorld({ load: 0.5, stalls: [{ atMs: 10_000, forMs: 20_000 }], mix }, 10_000), 'static').figures
      .overshoot
  // 50 critical events a second for 20 s are 1,000; the budget of 5 s of normal is enough for 500.
  t.ok(Math.abs(await overshoot([1, 0, 0]) - 1) < 0.2, String(await overshoot([1, 0, 0])))
  t.ok(Math.abs(await overshoot([0, 0, 1])) < 0.2, 'low may wait for 20 s')
})

t.test('an event waits for as long as the stall that it meets', async (t) => {
  const world = await tinyWorld({ load: 0.1, stalls: [{ atMs: 20_000, forMs: 20_000 }], mix: [1, 0, 0] }, 10_000)
  const { waitMs, goodput } = run(world, 'static').figures
  t.ok(Math.abs(waitMs.critical.p99 - 20_000) < 1_000, String(waitMs.critical.p99))
  t.ok(Math.abs(goodput - 41 / 60) < 0.05, String(goodput))
})

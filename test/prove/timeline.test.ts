import t from 'tap'
import { Timeline } from '../../prove/timeline.ts'

t.test('tells whether something was out of order between two moments, or shortly before', async (t) => {
  const timeline = new Timeline()
  const disturbance = timeline.begin('x', 'none', 1_000)
  t.ok(timeline.isDisturbed(5_000, 6_000, 0), 'it lasts until it has recovered')
  t.notOk(timeline.isDisturbed(0, 900, 0))
  disturbance.recoveredAtMs = 2_000
  t.notOk(timeline.isDisturbed(5_000, 6_000, 0))
  t.ok(timeline.isDisturbed(5_000, 6_000, 3_000))
  timeline.add('(this machine stood still)', 7_000, 7_500)
  t.ok(timeline.isDisturbed(7_400, 7_600, 0))
  t.strictSame(timeline.all.map(({ number }) => number), [1, 2])
})

t.test('tells how long calls were held between two moments', async (t) => {
  const timeline = new Timeline()
  timeline.begin('x', 'throughout', 0)
  const frozen = timeline.begin('freeze-worker', 'throughout', 1_000, true)
  t.equal(timeline.heldMs(1_500, 2_500), 1_000, 'it lasts')
  frozen.restoredAtMs = 2_000
  timeline.add('(this machine stood still)', 5_000, 5_400)
  const table: [fromMs: number, toMs: number, heldMs: number][] = [
    [0, 900, 0], [0, 1_200, 200], [1_500, 9_000, 900], [2_000, 5_000, 0], [0, 9_000, 1_400]
  ]
  for (const [fromMs, toMs, heldMs] of table) t.equal(timeline.heldMs(fromMs, toMs), heldMs, `${fromMs} to ${toMs}`)
})

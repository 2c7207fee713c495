import t from 'tap'
import { run, tinyWorld } from '../tiny-world.ts'

t.test('workers that are added in time serve an overload, and late ones serve less of it', async (t) => {
  const goodput = async (mostWorkers: number, scaleOutLagMs: number) =>
    run(await tinyWorld({
      load: 2, mostWorkers, scaleOutLagMs, source: { pattern: 'constant', eventsPerSecond: 50, seconds: 300 }
    }), 'static').figures.goodput
  const alone = await goodput(1, 0)
  const late = await goodput(4, 120_000)
  const early = await goodput(4, 5_000)
  t.ok(alone < late && late < early, `${alone} < ${late} < ${early}`)
  t.ok(early > 0.85, String(early))
})

import t from 'tap'
import type { WorldOptions } from '../../simulate/options.ts'
import { run, tinyWorld } from './tiny-world.ts'

/** The flood stays in the queue: nothing is refused. */
const NO_LIMIT = 10_000_000
const FLOODED: Partial<WorldOptions> = {
  source: { pattern: 'constant', eventsPerSecond: 80, seconds: 600 },
  slots: 25,
  organizations: 50,
  mix: [0.05, 0.55, 0.4],
  clients: ['none'],
  flood: { factor: 10, split: undefined, parts: 1 }
}

const figuresOf = async (changes: Partial<WorldOptions>) =>
  run(await tinyWorld({ ...FLOODED, ...changes }, NO_LIMIT), 'static').figures

t.test('with a fair order, light organizations wait as long beside a flood as without it', async (t) => {
  const [alone, unfair, fair] = [
    await figuresOf({ flood: undefined }), await figuresOf({}), await figuresOf({ order: 'organizations' })
  ]
  t.ok(unfair.lightWaitMs > 100 * Math.max(1_000, alone.lightWaitMs), `${unfair.lightWaitMs}`)
  t.ok(fair.lightWaitMs <= Math.max(1_000, 2 * alone.lightWaitMs), `${fair.lightWaitMs} against ${alone.lightWaitMs}`)
  t.ok(Math.abs(fair.makespan / unfair.makespan - 1) < 0.02, `${fair.makespan} against ${unfair.makespan}`)
  t.equal(fair.counts.done, unfair.counts.done)
})

t.test('many types help a flood against nobody', async (t) => {
  const flood = { factor: 10, split: 'types', parts: 200 } as const
  const [plain, split] = [await figuresOf({ order: 'types' }), await figuresOf({ order: 'types', flood })]
  const most = Math.max(1_000, 1.1 * plain.lightWaitMs)
  t.ok(split.lightWaitMs <= most, `${split.lightWaitMs} against ${plain.lightWaitMs}`)
})

t.test('the order of a world is that of its settings unless a flag names another', async (t) => {
  const world = await tinyWorld(FLOODED, NO_LIMIT)
  const { settingsParts } = world
  const control = { ...settingsParts.control, fairOrder: 'organizations' as const }
  const { figures } = run({ ...world, settingsParts: { ...settingsParts, control } }, 'static')
  t.strictSame(figures, await figuresOf({ order: 'organizations' }))
})

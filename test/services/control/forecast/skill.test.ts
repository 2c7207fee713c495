import t from 'tap'
import { mulberry32 } from '../../../../rig/random.ts'
import { Skill } from '../../../../services/control/forecast/skill.ts'

function skillOf (steps: number, errors: (step: number) => [error: number, persistence: number], horizon = 5): Skill {
  const skill = new Skill(horizon)
  for (let step = 0; step < steps; step++) skill.observe(...errors(step))
  return skill
}

t.test('is the share of the error of persistence that is saved', async (t) => {
  t.equal(skillOf(199, () => [1, 2]).value, undefined, 'before 200 steps')
  t.equal(skillOf(200, () => [1, 2]).value, 0.5)
  t.equal(skillOf(200, () => [3, 2]).value, -0.5)
  t.equal(skillOf(200, () => [0, 0]).value, 0)
  t.equal(skillOf(399, () => [1, 2], 10).value, undefined, 'before 40 horizons')
  t.equal(skillOf(400, () => [1, 2], 10).value, 0.5)
})

t.test('is enough above 0.1, if the gain exceeds chance', async (t) => {
  const random = mulberry32(1)
  t.ok(skillOf(400, () => [1, 2]).isEnough)
  t.notOk(skillOf(400, () => [0.95, 1]).isEnough, 'too little')
  t.notOk(skillOf(199, () => [1, 2]).isEnough, 'too short')
  const lucky = skillOf(400, (step) => [1, step < 395 ? 0 : 500])
  t.ok((lucky.value ?? 0) > 0.1)
  t.notOk(lucky.isEnough, 'one lucky block')
  t.ok(skillOf(400, () => [random(), 1.5 * random()]).isEnough, 'many small gains')
})

t.test('survives a restart', async (t) => {
  const skill = skillOf(403, (step) => [1, 1.5 + step % 2])
  const restarted = new Skill(5, JSON.parse(JSON.stringify(skill.learned)))
  t.strictSame([restarted.value, restarted.isEnough], [skill.value, skill.isEnough])
})

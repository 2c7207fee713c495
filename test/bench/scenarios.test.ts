import t from 'tap'
import { join } from 'node:path'
import { isScenario, SCENARIO_SHAPE, type Scenario } from '../../bench/scenario.ts'
import { loadFolder } from '../../services/registry/load-folder.ts'

const scenarios = await loadFolder(join(import.meta.dirname, '../../bench/scenarios'), isScenario, SCENARIO_SHAPE)

t.test('every file is a scenario', async (t) => t.ok(scenarios.length > 10))

t.test('a quick run compares what it measures', async (t) => {
  for (const { name, value: { quick = [], ratios } } of scenarios as { name: string, value: Scenario }[]) {
    const isMeasured = (subject: string | undefined) => subject === undefined || quick.includes(subject)
    t.ok(quick.length === 0 || ratios.some(({ of, to }) => isMeasured(of) && isMeasured(to)), name)
  }
})

t.test('what names a case that is not there is no scenario', async (t) => {
  const { value } = scenarios[0] as { value: Scenario }
  t.ok(isScenario(value))
  t.notOk(isScenario({ ...value, quick: ['nobody'] }))
  t.notOk(isScenario({ ...value, ratios: [{ what: 'x', of: 'nobody', metric: 'x' }] }))
  t.notOk(isScenario({ ...value, cases: { x: {} } }))
})

import t from 'tap'
import { eventsOf } from '../../../bench/simulator/producers.ts'
import { CAPACITY, KEYS, SCENARIOS } from '../../../bench/simulator/scenarios.ts'
import { simulated } from '../../../bench/simulator/simulated.ts'
import { worldOf } from '../../../bench/simulator/world.ts'
import { loadConfig } from '../../../services/config/load-config.ts'
import { loadRegistries } from '../../../simulate/registries.ts'
import { runSubject } from '../../../simulate/run-subject.ts'

const registries = await loadRegistries()

for (const scenario of SCENARIOS) {
  t.test(`${scenario.name}: the service gets the events of the simulator, and more than workers can do`, async (t) => {
    const world = await worldOf(scenario, 60, registries)
    const events = eventsOf(world, 1)
    const [subject] = scenario.subjects
    const module = registries.subjects.get(subject!)!
    const { figures } = runSubject({ world, module, parameters: {}, seed: 1 })
    t.equal(figures.counts.events, events.length)
    const second = events.filter(({ atMs }) => atMs >= 20_000 && atMs < 40_000)
    const work = second.reduce((sum, { serviceMs }) => sum + serviceMs, 0) / world.meanServiceMs
    t.ok(work > 1.1 * 20 * CAPACITY * world.capacity.speedAt(30_000), `${work} events of mean size in 20 s`)
    const recorded = simulated(module, world, 1)
    t.equal(recorded.figures.flips, figures.circuitFlips)
    t.equal(recorded.depths.length, 600)
  })
}

t.test('the subjects exist, and their keys are keys of the service', async (t) => {
  for (const subject of SCENARIOS.flatMap(({ subjects }) => subjects)) {
    t.ok(registries.subjects.has(subject), subject)
    t.ok(KEYS[subject], subject)
  }
  for (const keys of Object.values(KEYS)) t.match(loadConfig(keys), keys)
})

import { join } from 'node:path'
import t from 'tap'
import { isPolicyModule } from '../../../services/admission/policy.ts'
import { loadFolder } from '../../../services/registry/load-folder.ts'
import { fleetRows } from '../../../simulate/fleet/report.ts'
import { isCut, runFleet, type FleetOptions } from '../../../simulate/fleet/run-fleet.ts'

const POLICIES = join(import.meta.dirname, '../../../services/admission/policies')

const OPTIONS: FleetOptions = {
  replicas: 100,
  seconds: 40,
  seed: 1,
  capacityPerSecond: 2_000,
  crowd: 10,
  arrayEvents: 100,
  arrayShare: 0.5,
  quotaPerSecond: 500,
  sampleIntervalMs: 100,
  thresholds: { recovery: 500, warning: 1_000, critical: 5_000, hardLimit: 20_000 },
  mostMembers: 250,
  policies: await loadFolder(POLICIES, isPolicyModule, 'a policy module { rank, create }')
}

for (const seed of [1, 2]) {
  t.test(`a hundred replicas in a flash crowd, seed ${seed}`, async (t) => {
    const { figures, queue } = await runFleet({ ...OPTIONS, seed })
    t.ok(figures.deepest <= OPTIONS.thresholds.hardLimit, 'the hard limit holds')
    t.ok(figures.deepestSheddable <= OPTIONS.thresholds.critical, 'and the critical threshold')
    t.equal(queue.changes[0]?.to, 'OPEN')
    t.ok(queue.changes[0]!.depth > 0.9 * OPTIONS.thresholds.critical, 'the circuit opens no sooner than it has to')
    t.equal(queue.changes.at(-1)?.to, 'CLOSED', 'and closes again')
    t.equal(figures.recorded, queue.changes.length, 'each change is recorded by one replica')
    t.equal(figures.agreedMs.length + figures.overtaken, queue.changes.length)
    t.ok(Math.max(...figures.nearlyAgreedMs) <= 250, `nearly all agree: ${figures.nearlyAgreedMs}`)
    t.ok(Math.max(...figures.agreedMs) <= 500, `and all of them: ${figures.agreedMs}`)
    t.ok(figures.joinedMs.length > 20, 'replicas have come and come back')
    t.ok(figures.lostEvents > 0, 'those that were cut off stored nothing')
    t.ok(figures.calmRefused / figures.calmOffered < 0.01, `${figures.calmRefused} refused for no reason`)
    const quotas = figures.quotaPerSecond((second) => !isCut(second, OPTIONS.seconds))
    t.ok(quotas.length > 0)
    for (const perSecond of quotas) {
      t.ok(Math.abs(perSecond / OPTIONS.quotaPerSecond - 1) < 0.05, `${perSecond} of ${OPTIONS.quotaPerSecond}`)
    }
  })
}

t.test('the same seed gives the same run, and another seed another one', async (t) => {
  const short = { ...OPTIONS, replicas: 20, seconds: 10 }
  const rowsOf = async (seed: number) => fleetRows(await runFleet({ ...short, seed }), short)
  t.strictSame(await rowsOf(3), await rowsOf(3))
  t.notMatch(await rowsOf(3), await rowsOf(4))
})

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { compareSettings, readProposal, type Difference } from '../../simulate/against.ts'
import { buildWorld } from '../../simulate/build-world.ts'
import { parseOptions } from '../../simulate/options.ts'
import { budgetsOf } from '../../simulate/production-settings.ts'
import { namesOf } from '../../simulate/registries.ts'
import { whoReport } from '../../simulate/report/who.ts'
import type { World } from '../../simulate/world/world.ts'
import { record } from './recording/recorded.ts'
import { registries } from './tiny-world.ts'

/** A service whose workers do 40 events in a second, and an organization that offers as many alone for a while. */
async function overloaded (t: Test, flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const path = await record(t, {
    seconds: 60,
    capacity: 40,
    env: {
      QUEUE_CRITICAL_THRESHOLD: '1000', QUEUE_WARNING_THRESHOLD: '200', QUEUE_RECOVERY_THRESHOLD: '100',
      DELAY_BUDGET_NORMAL_MS: '7000', ...env
    },
    flows: [
      { organization: 'acme', perSecond: 20 },
      { organization: 'umbra', type: 'bulk', priority: 9, perSecond: 40, from: 10, seconds: 30 },
      { organization: 'initech', type: 'alarm', priority: 1, perSecond: 2 }
    ]
  })
  return buildWorld(parseOptions(['--recording', path, ...flags], namesOf(registries)).world, registries)
}

function proposal (t: Test, settings: unknown): string {
  const path = join(t.testdir(), 'settings.json')
  writeFileSync(path, JSON.stringify(settings))
  return path
}

const CRITICAL_300 = { backpressure: { thresholds: { critical: 300 } } }

t.test('a world is that of the recording: thresholds, budgets, capacity, and no producer that comes back', async (t) => {
  const world = await overloaded(t, [], { QUEUE_SAMPLE_INTERVAL_MS: '250' })
  t.match(world.settings.thresholds, { critical: 1_000, warning: 200, recovery: 100 })
  t.strictSame(world.budgetsMs, [2_000, 7_000, 300_000])
  const perSecond = world.slots * 1_000 / world.meanServiceMs
  t.ok(Math.abs(perSecond - 40) < 2, `${perSecond} events per second`)
  t.equal(world.slots, 40, 'events in work while no slot was free')
  t.equal(world.clients[0], registries.clients.get('none'))
  t.equal(world.sampleIntervalMs, 250)
  t.equal((await overloaded(t, ['--sample-interval', '50'])).sampleIntervalMs, 50)
  t.strictSame((await overloaded(t, ['--budgets', '1,2,3'])).budgetsMs, [1, 2, 3])
})

t.test('names the organizations, types and classes that lower thresholds shed, with the reason', async (t) => {
  const world = await overloaded(t)
  const proposed = await readProposal(proposal(t, CRITICAL_300), world.settingsModel, world.settingsParts)
  const comparison = compareSettings(world, proposed, 2)
  const { changes, who, subjects } = comparison
  t.strictSame(changes, [{ field: 'backpressure.thresholds.critical', from: 1_000, to: 300 }])
  t.strictSame(who.class.map(({ name, offered }) => [name, offered]), [['low', 1_200], ['normal', 1_200], ['critical', 120]])
  const [first, ...others] = who.organization
  t.equal(first!.name, 'umbra')
  t.equal(first!.before.shed, 0)
  t.ok(first!.after.shed > 300, `${first!.after.shed} of 1,200`)
  t.strictSame(Object.keys(first!.after.shedBy), ['low-priority-shed'])
  t.equal(first!.after.shedBy['low-priority-shed'], first!.after.shed)
  t.ok(first!.after.waitMs.p99 < first!.before.waitMs.p99, 'those that get in wait less')
  t.strictSame(others.map(({ name, after }) => [name, after.shed]), [['acme', 0], ['initech', 0]])
  t.strictSame(who.type.map(({ name }) => name), ['bulk', 'reading', 'alarm'])
  t.strictSame(subjects.map(({ name }) => name), ['in force', 'proposed'])
  const counted = subjects.map(({ counts }) => counts.shed)
  t.strictSame(counted, [0, first!.after.shed], 'the rows add up to the whole')
  t.match(whoReport(comparison), /critical: 1000 -> 300[^]*umbra +1,200/)
})

/** The comparison with the same settings, and the sum of a figure over its organizations. */
function comparedWithItself (world: World) {
  const { who, subjects: [inForce] } = compareSettings(world, world.settingsParts, 1)
  const all = (of: (fate: Difference['before']) => number) => who.organization.reduce((sum, { before }) => sum + of(before), 0)
  return { who, counts: inForce!.counts, all }
}

t.test('replays smooth shedding and samples that the service had on', async (t) => {
  const smooth = comparedWithItself(await overloaded(t, [], { SHEDDING: 'smooth' }))
  t.ok(smooth.counts.shed > 0)
  t.equal(smooth.all(({ shedBy }) => shedBy['smooth-shed'] ?? 0), smooth.counts.shed)
  const sampled = comparedWithItself(await overloaded(t, [], { SAMPLING: 'low' }))
  t.ok(sampled.counts.sampledOut > 0)
  t.equal(sampled.all(({ sampledOut }) => sampledOut), sampled.counts.sampledOut)
})

t.test('runs the controllers and the budgets of the proposal', async (t) => {
  const world = await overloaded(t)
  const control = { shedding: 'smooth', sampling: 'low', budgetsMs: { normal: 9_000 } }
  const proposed = await readProposal(proposal(t, { control }), world.settingsModel, world.settingsParts)
  const { subjects: [before, after], changes } = compareSettings(world, proposed, 1)
  t.strictSame(changes.map(({ field }) => field).toSorted(), [
    'control.budgetsMs.normal', 'control.sampling', 'control.shedding'
  ])
  t.equal(before!.counts.sampledOut, 0)
  t.ok(after!.counts.sampledOut > 0)
  t.strictSame(budgetsOf(proposed), [2_000, 9_000, 300_000])
})

t.test('counts the events that would expire as shed for that reason, and those that expired', async (t) => {
  const world = await overloaded(t, ['--deadlines', '0.5:3', '--stalls', '20:6'])
  const { counts, all } = comparedWithItself(world)
  t.ok(counts.wouldExpire > 0 && counts.expired > 0, JSON.stringify(counts))
  t.equal(all(({ shedBy }) => shedBy['would-expire'] ?? 0), counts.wouldExpire)
  t.equal(all(({ shed }) => shed), counts.shed + counts.wouldExpire)
  t.equal(all(({ expired }) => expired), counts.expired)
  t.match(whoReport(compareSettings(world, world.settingsParts, 1)), /expired in force/)
  t.notMatch(whoReport(compareSettings(world, world.settingsParts, 1)), /sampled out/)
})

t.test('names the reason of the refusals of an outage', async (t) => {
  const { counts, all } = comparedWithItself(await overloaded(t, ['--outages', '50:5']))
  t.ok(counts.shed > 0)
  t.equal(all(({ shedBy }) => shedBy['queue-unavailable'] ?? 0), counts.shed)
})

t.test('takes a patch, settings, or the answer of the API; null returns to the configuration', async (t) => {
  const world = await overloaded(t)
  const read = (given: unknown) => readProposal(proposal(t, given), world.settingsModel, world.settingsParts)
  const expected = await read(CRITICAL_300)
  t.equal(expected.backpressure.thresholds.critical, 300)
  t.strictSame(await read({ version: 9, settings: expected, overrides: {} }), expected)
  t.strictSame(await read(expected), expected)
  t.strictSame(await read({ backpressure: { thresholds: { critical: null } } }), world.settingsModel.configured)
  t.strictSame(compareSettings(world, await read({}), 1).changes, [])
})

t.test('compares a recording of more kinds of events than a call has arguments', async (t) => {
  const world = await overloaded(t)
  const recorded = world.arrivals.recorded!
  const kinds = [...recorded.kinds, ...Array.from({ length: 200_000 }, () => recorded.kinds[0]!)]
  const many = { ...world, arrivals: { ...world.arrivals, recorded: { ...recorded, kinds } } }
  t.equal(compareSettings(many, world.settingsParts, 1).who.class.length, 3)
})

t.test('prints names of producers without what controls a terminal, and not longer than a column', async (t) => {
  const organization = `\u001b[31mred\u202e${'x'.repeat(200)}`
  const path = await record(t, { seconds: 10, capacity: 40, flows: [{ organization, perSecond: 20, type: 'a\nb' }] })
  const world = await buildWorld(parseOptions(['--recording', path], namesOf(registries)).world, registries)
  const comparison = compareSettings(world, world.settingsParts, 1)
  t.equal(comparison.who.organization[0]!.name, organization)
  const report = whoReport(comparison)
  t.match(report, new RegExp(`^\\[31mredx{32}… `, 'm'))
  t.match(report, /^ab /m)
  t.notMatch(report, /[\p{Cf}\p{Cs}]/u)
  t.notOk(report.includes('\u001b'))
})

t.test('a recorded part of the settings that is null is the configured one', async (t) => {
  const path = await record(t, { seconds: 10, capacity: 40, flows: [{ perSecond: 20 }] })
  const [name] = readdirSync(path)
  const line = gunzipSync(readFileSync(join(path, name!))).toString()
  const settings = { control: null, shadow: { control: null } }
  const hurt = { ...JSON.parse(line) as object, settings: { version: 1, settings } }
  writeFileSync(join(path, name!), gzipSync(JSON.stringify(hurt)))
  const world = await buildWorld(parseOptions(['--recording', path], namesOf(registries)).world, registries)
  t.strictSame(world.settingsParts, world.settingsModel.configured)
})

t.test('refuses wrong settings with each field and the message that the API gives', async (t) => {
  const world = await overloaded(t)
  const wrong: [given: unknown, message: RegExp][] = [
    [{ backpressure: { thresholds: { critical: 'many' } } }, /backpressure\.thresholds\.critical: Expected integer/],
    [{ backpressure: { thresholds: { critical: 100 } } }, /thresholds\.critical: Expected values in the order/],
    [{ backpressure: { mode: 'no' }, pressure: 1 }, /backpressure\.mode: Expected[^]*pressure: Unexpected property/],
    [[], /the whole\): Expected an object/],
    [null, /the whole\): Expected an object/]
  ]
  for (const [given, message] of wrong) {
    const read = readProposal(proposal(t, given), world.settingsModel, world.settingsParts)
    await t.rejects(read, { code: 'bad-option', message }, JSON.stringify(given))
  }
  await t.rejects(readProposal('/nowhere.json', world.settingsModel, world.settingsParts), {
    code: 'bad-option', message: /--against: \/nowhere\.json cannot be read/
  })
})

t.test('a quota that is proposed names the organization that it limits, and nobody else', async (t) => {
  const world = await overloaded(t)
  const quotas = { default: { eventsPerSecond: 30 }, organizations: { initech: { eventsPerSecond: 1_000 } } }
  const proposed = await readProposal(proposal(t, { quotas }), world.settingsModel, world.settingsParts)
  const { who } = compareSettings(world, proposed, 1)
  const [first, ...others] = who.organization
  t.equal(first?.name, 'umbra')
  t.ok(first!.after.shedBy['quota-exceeded']! > 200, JSON.stringify(first))
  t.ok(others.every(({ after }) => after.shedBy['quota-exceeded'] === undefined))
})

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import type { Fairness } from '../../../services/admission/fairness.ts'
import { Permit } from '../../../services/admission/permit.ts'
import { eventOffer, headOffer } from '../../../services/admission/offer.ts'
import { createPolicies, type NamedPolicy } from '../../../services/admission/policy.ts'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import type { FairShares } from '../../../services/admission/signals.ts'
import { samplePlace } from '../../../services/admission/sample-weight.ts'
import type { Agreement, ComparedDecisions } from '../../../services/admission/shadow-counts.ts'
import { Control } from '../../../services/control/control.ts'
import { settingsInForce } from '../../../services/control/in-force.ts'
import { Shadowing, type ShadowSettings } from '../../../services/control/shadowing.ts'
import type { CapacityEstimate } from '../../../services/control/capacity.ts'
import { OrganizationFairness } from '../../../services/organizations/fairness.ts'
import { Usage } from '../../../services/organizations/usage.ts'
import type { QueueReading } from '../../../services/queue/reading.ts'
import { mulberry32 } from '../../../rig/random.ts'
import { ExampleQuota } from '../admission/example-quota.ts'
import { loadPolicyModules } from '../admission/load.ts'
import { readingOf, recordedPolicy, startGate, THRESHOLDS } from '../admission/setup.ts'

const SETTINGS: ShadowSettings = {
  backpressure: { mode: 'true', thresholds: THRESHOLDS },
  control: {
    thresholds: 'static', budgetsMs: { critical: 2_000, normal: 3_000, low: 300_000 }, shedding: 'cliff', sampling: 'off',
    fairness: 'off', forecast: 'observe'
  }
}
const NONE: CapacityEstimate = {
  perSecond: undefined, safePerSecond: undefined, evidence: 'none', isMeasured: false, ageMs: undefined
}
const modules = await loadPolicyModules()

interface Step {
  live?: ShadowSettings
  tried?: ShadowSettings
}

/** A gate with control behind it, and what runs a shadow; each reading comes with the settings to follow. */
async function start ({ further = () => [], live = [], fairness }: {
  further?: (now: () => number) => NamedPolicy[], live?: readonly NamedPolicy[], fairness?: Fairness
} = {}) {
  const stage = await startGate({ random: mulberry32(1), further: live })
  const { gate, clock } = stage
  const world = { estimate: NONE, advised: 0 }
  const advised = () => world.advised === 0
    ? undefined
    : { preShed: { share: world.advised, retryAfterMs: 1_000 }, keptLow: 1 }
  let settings = SETTINGS
  const control = new Control({
    capacity: { get estimate () { return world.estimate }, learned: undefined, join: () => {} },
    settings: () => settings.control,
    onUnderestimated: () => {}
  })
  const shadowing = new Shadowing({
    gate,
    control,
    createPolicies: (settingsOf) => [...createPolicies(modules, () => clock.now, settingsOf), ...further(() => clock.now)],
    advised,
    ...(fairness && { fairness }),
    random: mulberry32(2)
  })
  const read = (reading: QueueReading, { live = SETTINGS, tried }: Step = {}) => {
    clock.now += 100
    settings = live
    const forecast = { observe: () => live.control.forecast === 'act' ? advised() : undefined }
    gate.observe(reading, settingsInForce(reading, gate.signals, live.backpressure, { control, forecast }))
    shadowing.observe(reading, tried && { settings: tried, document: DOCUMENT })
  }
  return { ...stage, control, shadowing, world, read }
}
const DOCUMENT = { tried: true }

type World = Awaited<ReturnType<typeof start>>

const tried = (thresholds: Partial<typeof THRESHOLDS>): ShadowSettings => (
  { ...SETTINGS, backpressure: { mode: 'true', thresholds: { ...THRESHOLDS, ...thresholds } } }
)
const offerOf = (priority: number, organizationId?: string) =>
  eventOffer({ type: 'x', priority, ...(organizationId !== undefined && { organizationId }) })
const admit = ({ gate }: World, ...priorities: number[]) => {
  for (const priority of priorities) gate.admit(offerOf(priority))
}
const rows = ({ shadowing }: World) => shadowing.shadow?.counts.decisions
  .map(({ priorityClass, live, shadow, count }) => `${priorityClass} ${live} ${shadow} ${count}`).toSorted()
const differing = (decisions: readonly ComparedDecisions[] = []) =>
  decisions.filter(({ live, shadow }) => live !== shadow)
const agreement = (bothAdmit = 0, onlyShadowRefuses = 0, bothRefuse = 0, onlyLiveRefuses = 0): Agreement =>
  ({ bothAdmit, bothRefuse, onlyLiveRefuses, onlyShadowRefuses })

t.test('lower thresholds are counted against those in force, by class and reason', async (t) => {
  const world = await start()
  const { gate, shadowing, read } = world
  const step = { tried: tried({ critical: 200 }) }
  admit(world, 1)
  read(readingOf({ 5: 0 }), step)
  t.equal(gate.shadow, shadowing.shadow)
  t.strictSame(rows(world), [], 'nothing of what came before')
  // Live sheds low from 400 and opens at 500; the shadow does so from 160 and at 200.
  read(readingOf({ 5: 180 }), step)
  admit(world, 1, 1, 1, 5, 5, 9, 9, 9, 9)
  read(readingOf({ 5: 250 }), step)
  admit(world, 1, 5, 5, 9)
  t.equal(gate.refuseUnread(headOffer(9)), undefined, 'a request that goes on is no decision')
  read(readingOf({ 5: 450 }), step)
  for (const priority of [9, 9]) gate.refuseUnread(headOffer(priority))
  read(readingOf({ 5: 40 }), step)
  admit(world, 5, 9)
  t.equal(shadowing.shadow?.controller.signals.circuitState, 'HALF_OPEN')
  t.equal(gate.signals.circuitState, 'CLOSED')
  t.strictSame(rows(world), [
    'critical admitted admitted 4',
    'low admitted circuit-open 1',
    'low admitted low-priority-shed 5',
    'low low-priority-shed circuit-open 2',
    'normal admitted admitted 3',
    'normal admitted circuit-open 2'
  ])
  t.strictSame(shadowing.shadow?.counts.byClass, {
    critical: agreement(4), normal: agreement(3, 2), low: agreement(0, 6, 2)
  })
  gate.reset()
  t.strictSame(rows(world), [])
  read(readingOf({ 5: 40 }))
  t.strictSame([gate.shadow, shadowing.shadow], [undefined, undefined], 'it ends with its settings')
})

t.test('events between two readings count for the shadow too, and a mode that admits all differs where live refuses', async (t) => {
  const world = await start()
  const step = { tried: tried({ critical: 200 }) }
  world.read(readingOf({ 5: 0 }), step)
  world.read(readingOf({ 5: 158 }), step)
  admit(world, 9, 9, 9)
  t.strictSame(rows(world), ['low admitted admitted 2', 'low admitted low-priority-shed 1'])
  const other = await start()
  const off: Step = { tried: { ...SETTINGS, backpressure: { mode: 'false', thresholds: THRESHOLDS } } }
  for (const depth of [0, 450]) other.read(readingOf({ 5: depth }), off)
  admit(other, 5, 9)
  t.strictSame(rows(other), ['low low-priority-shed admitted 1', 'normal admitted admitted 1'])
  t.strictSame(other.shadowing.shadow?.counts.byClass.low, agreement(0, 0, 0, 1))
})

t.test('a sample of the shadow leaves out by the same places, and counts as refused', async (t) => {
  const world = await start()
  const { gate, shadowing, read } = world
  const step: Step = { tried: { ...SETTINGS, control: { ...SETTINGS.control, sampling: 'low' } } }
  for (const depth of [0, 200]) read(readingOf({ 5: depth }), step)
  const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`)
  for (const key of keys) {
    const offer = offerOf(9)
    t.equal(gate.weightOf(offer, key), 1)
    gate.admit(offer)
  }
  // Pressure (200 - 100) / (500 - 100) leaves 0.75 of low.
  const kept = keys.filter((key) => samplePlace(undefined, key) < 0.75).length
  t.strictSame(rows(world), [`low admitted admitted ${kept}`, `low admitted sampled ${100 - kept}`].toSorted())
  t.strictSame(shadowing.shadow?.counts.byClass.low, agreement(kept, 100 - kept))
})

t.test('a refusal before the body is compared with the draw of an event', async (t) => {
  const world = await start()
  const { gate, read, world: state } = world
  const step: Step = {
    tried: { ...tried({ critical: 900 }), control: { ...SETTINGS.control, forecast: 'act' } }
  }
  state.advised = 0.5
  for (const depth of [0, 450]) read(readingOf({ 5: depth }), step)
  for (let index = 0; index < 200; index++) gate.refuseUnread(headOffer(9))
  const { bothRefuse = 0, onlyLiveRefuses = 0 } = world.shadowing.shadow?.counts.byClass.low ?? {}
  t.equal(bothRefuse + onlyLiveRefuses, 200)
  t.ok(Math.abs(bothRefuse - 100) < 40, `${bothRefuse} of 200`)
})

t.test('its policies are charged for what it would admit, and get the charge of a lost event back', async (t) => {
  const quota = (now: () => number): NamedPolicy[] => [Object.assign(
    new ExampleQuota({ now, settings: () => ({}) }), { rank: 1, kind: 'quota' as const, reason: 'quota' }
  )]
  const world = await start({ further: quota })
  const { gate, read } = world
  for (const depth of [0, 0]) read(readingOf({ 5: depth }), { tried: SETTINGS })
  const permits = Array.from({ length: 5 }, () => gate.admit(offerOf(5, 'acme')))
  t.ok(permits.every((permit) => permit instanceof Permit))
  t.strictSame(rows(world), ['normal admitted admitted 3', 'normal admitted quota 2'])
  ;(permits[0] as Permit).settle('lost')
  ;(permits[1] as Permit).settle('enqueued')
  for (let index = 0; index < 2; index++) gate.admit(offerOf(5, 'acme'))
  t.strictSame(rows(world), ['normal admitted admitted 4', 'normal admitted quota 3'])
  const { policy, calls } = recordedPolicy()
  const other = await start({ further: () => [policy] })
  const off: Step = { tried: { ...SETTINGS, backpressure: { mode: 'false', thresholds: THRESHOLDS } } }
  for (const depth of [0, 450]) other.read(readingOf({ 5: depth }), off)
  admit(other, 9)
  t.strictSame(calls, ['admitted', 'stored'], 'an event that only the shadow admits is settled at once')
})

const byClass = fc.record({
  critical: fc.integer({ min: 0, max: 60 }),
  normal: fc.integer({ min: 0, max: 700 }),
  low: fc.integer({ min: 0, max: 500 })
})
const settings = fc.record({
  mode: fc.constantFrom('true' as const, 'true' as const, 'observe' as const, 'false' as const),
  thresholds: fc.constantFrom('static' as const, 'adaptive' as const),
  shedding: fc.constantFrom('cliff' as const, 'smooth' as const),
  sampling: fc.constantFrom('off' as const, 'low' as const, 'low-and-normal' as const),
  forecast: fc.constantFrom('observe' as const, 'act' as const),
  normal: fc.integer({ min: 200, max: 20_000 }),
  critical: fc.integer({ min: 110, max: 900 })
}).map(({ mode, critical, normal, ...control }): ShadowSettings => ({
  backpressure: { mode, thresholds: { ...THRESHOLDS, critical } },
  control: { ...control, fairness: 'off', budgetsMs: { critical: 2_000, normal, low: 300_000 } }
}))
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({
    kind: fc.constant('read' as const), depth: byClass, elapsedMs: fc.integer({ min: 50, max: 1_500 }),
    done: fc.integer({ min: 0, max: 200 }), perSecond: fc.integer({ min: 1, max: 1_000 }),
    advised: fc.constantFrom(0, 0.3), settings: fc.option(settings, { freq: 6 })
  }) },
  { weight: 8, arbitrary: fc.record({
    kind: fc.constant('offer' as const), priority: fc.integer({ min: 1, max: 10 }), isHead: fc.boolean(),
    key: fc.option(fc.string({ maxLength: 3 })), isStored: fc.boolean()
  }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('lose' as const, 'reset' as const) }) }
)

t.test('fair shares of a shadow follow its own weights', async (t) => {
  const usage = new Usage()
  const inForce = { quotas: {} }
  const fairness = new OrganizationFairness({ usage, settings: () => inForce })
  const { gate, shadowing, world, read } = await start({ fairness })
  world.estimate = { ...NONE, perSecond: 100, evidence: 'busy', isMeasured: true, ageMs: 0 }
  for (let second = 0; second < 60; second++) {
    for (const [organizationId, count] of [['big', 80], ['small', 40]] as const) {
      for (let event = 0; event < count; event++) usage.offered(eventOffer({ type: 'x', priority: 5, organizationId }))
    }
    usage.fade(1_000)
  }
  const fair: ShadowSettings = { ...SETTINGS, control: { ...SETTINGS.control, fairness: 'on' } }
  const tried = { ...fair, quotas: { organizations: { big: { weight: 9 } } } }
  for (let reading = 0; reading < 2; reading++) read(readingOf({ 5: 120 }), { live: fair, tried })
  const over = (shares: FairShares | undefined) => ['big', 'small'].filter((id) => shares?.over(id) !== undefined)
  t.strictSame(over(fairness.sharesAt({ depth: 120, thresholds: THRESHOLDS, capacityPerSecond: 100 }, false)), ['big'])
  t.strictSame(over(shadowing.shadow?.controller.signals.fairShares), ['small'])
  t.equal(gate.signals.fairShares, undefined, 'the live gate of this test knows no fairness')
})

/** Lives the steps; a shadow follows `tried` from the reading of that index on. */
function live (
  world: World, steps: readonly (typeof step extends fc.Arbitrary<infer Value> ? Value : never)[], first: ShadowSettings,
  from: number, triedOf: (inForce: ShadowSettings) => ShadowSettings, onReading = (_world: World) => {}
) {
  const { gate, control, shadowing, read } = world
  const received: Record<PriorityClass, number> = { critical: 0, normal: 0, low: 0 }
  const enqueued = Array.from({ length: 11 }, () => 0)
  const answers: unknown[] = []
  let [at, done, inForce] = [0, 0, first]
  for (const [index, each] of steps.entries()) {
    if (each.kind === 'read') {
      inForce = each.settings ?? inForce
      world.world.estimate = {
        perSecond: each.perSecond, safePerSecond: each.perSecond * 0.9, evidence: 'busy', isMeasured: true, ageMs: 0
      }
      world.world.advised = each.advised
      const { critical, normal, low } = each.depth
      const none = { shed: 0, sampled: 0 }
      read(readingOf({ 1: critical, 5: normal, 9: low }, {
        redisTimeMs: at += each.elapsedMs, done: done += each.done, enqueuedByPriority: [...enqueued],
        ledger: { admission: Object.fromEntries(Object.entries(received).map(([name, count]) =>
          [name, { ...none, received: count }])) }
      } as unknown as Partial<QueueReading>), { live: inForce, ...(index >= from && { tried: triedOf(inForce) }) })
      onReading(world)
      answers.push(gate.signals.thresholds, gate.signals.shedding?.shares, gate.signals.circuits)
    } else if (each.kind === 'offer') {
      const offer = { ...offerOf(each.priority), draw: gate.draw() }
      received[offer.priorityClass]++
      const refusal = each.isHead ? gate.refuseUnread(headOffer(each.priority)) : undefined
      const weight = gate.weightOf(offer, each.key ?? undefined)
      const answer = refusal ?? gate.admit(offer, false, weight === undefined)
      if (answer instanceof Permit) {
        if (answer.route === 'queue') enqueued[each.priority]!++
        answers.push(answer.route, weight)
        answer.settle(answer.route === 'sampled' ? 'sampled' : each.isStored ? 'enqueued' : 'lost')
      } else answers.push(answer)
    } else if (each.kind === 'lose') {
      gate.lose(new Error('lost'))
      control.lose()
      shadowing.lose()
    } else gate.reset()
  }
  return answers
}
const steps = fc.array(step, { minLength: 10, maxLength: 120 })

t.test('a shadow with the settings in force never differs, whenever it begins', async (t) => {
  let compared = 0
  let refused = 0
  await fc.assert(fc.asyncProperty(steps, settings, fc.integer({ min: 0, max: 60 }), async (steps, first, from) => {
    const world = await start()
    let isSame = true
    live(world, steps, first, from, (inForce) => inForce, ({ gate, shadowing: { shadow } }) => {
      isSame &&= shadow === undefined || (
        shadow.controller.depth === gate.depth && isDeepStrictEqual(shadow.controller.signals, gate.signals)
      )
    })
    const { decisions = [] } = world.shadowing.shadow?.counts ?? {}
    compared += decisions.length
    refused += decisions.filter(({ live }) => live !== 'admitted').length
    return isSame && differing(decisions).length === 0
  }), { numRuns: 150 })
  t.ok(compared > 100 && refused > 30, `${compared} pairs, ${refused} with refusals`)
})

t.test('a shadow changes no answer, charge, count or log line', async (t) => {
  let differences = 0
  await fc.assert(fc.asyncProperty(steps, settings, settings, async (steps, first, tried) => {
    const charges: string[][] = [[], []]
    const policy = (calls: string[]): NamedPolicy => ({
      rank: 99, kind: 'quota', reason: 'spy', judge: () => undefined,
      admitted: ({ priority }) => {
        calls.push(`admitted ${priority}`)
        return { settled: (outcome) => { calls.push(`${outcome} ${priority}`) } }
      },
      reset: () => { calls.push('reset') }
    })
    const [alone, watched] = [await start({ live: [policy(charges[0]!)] }), await start({ live: [policy(charges[1]!)] })]
    const expected = live(alone, steps, first, Infinity, () => tried)
    const answers = live(watched, steps, first, 0, () => tried)
    differences += differing(watched.shadowing.shadow?.counts.decisions).length
    const facts = ({ counted, lines, transitions, resets, gate }: World, answers: unknown[], charges: string[]) =>
      JSON.stringify([answers, charges, counted, lines.map(({ event, msg }) => [event, msg]), transitions, resets,
        gate.rejectedCount, gate.depth])
    return facts(watched, answers, charges[1]!) === facts(alone, expected, charges[0]!)
  }), { numRuns: 150 })
  t.ok(differences > 100, `${differences} pairs differ`)
})

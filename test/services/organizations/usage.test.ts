import t from 'tap'
import { eventOffer } from '../../../services/admission/offer.ts'
import { UNLIMITED } from '../../../services/admission/rights.ts'
import { NOBODY, Usage } from '../../../services/organizations/usage.ts'

const offerOf = (organizationId?: string, { type = 'a', priority = 5, isInternal = false } = {}) =>
  eventOffer({ type, priority, ...(organizationId !== undefined && { organizationId }) }, 0, isInternal)

/** Lets seconds pass in each of which an organization offers as many events as named. */
function pass (usage: Usage, seconds: number, events: Readonly<Record<string, number>>): void {
  for (let tick = 0; tick < seconds * 10; tick++) {
    for (const [id, perSecond] of Object.entries(events)) {
      const due = Math.floor((tick + 1) * perSecond / 10) - Math.floor(tick * perSecond / 10)
      for (let event = 0; event < due; event++) usage.offered(offerOf(id))
    }
    usage.fade(100)
  }
}

const isNear = (value: number | undefined, expected: number) =>
  value !== undefined && Math.abs(value / expected - 1) < 0.1

/** The organizations with the most work, the largest first. */
function top (usage: Usage, most: number): string[] {
  return [...usage.work.byOrganization].toSorted(([, one], [, other]) => other - one).slice(0, most).map(([id]) => id)
}

t.test('has the rate of work from the first seconds on', async (t) => {
  const usage = new Usage()
  pass(usage, 3, { acme: 100 })
  t.ok(isNear(usage.work.byOrganization.get('acme'), 100))
})

t.test('what comes no more fades', async (t) => {
  const usage = new Usage()
  pass(usage, 20, { acme: 100 })
  pass(usage, 5, {})
  t.ok(isNear(usage.work.byOrganization.get('acme'), 50))
})

t.test('counts work by the cost of types, and has its classes', async (t) => {
  const usage = new Usage((type) => type === 'heavy' ? 30 : 1)
  for (let event = 0; event < 10; event++) usage.offered(offerOf('acme'))
  usage.offered(offerOf('acme', { type: 'heavy', priority: 1 }))
  usage.offered(offerOf('other', { priority: 9 }))
  t.strictSame(usage.mixOf('acme'), { critical: 0.75, normal: 0.25, low: 0 })
  t.strictSame(usage.mixOf('other'), { critical: 0, normal: 0, low: 1 })
  usage.fade(100)
  const { byOrganization } = usage.work
  t.ok(isNear(byOrganization.get('acme'), 40 * byOrganization.get('other')!))
})

t.test('events without an organization are one, and those of the service are none', async (t) => {
  const usage = new Usage()
  usage.offered(offerOf())
  const internal = offerOf('acme', { isInternal: true })
  usage.offered(internal)
  t.strictSame(top(usage, 5), [NOBODY])
  t.equal(usage.mixOf('acme'), undefined)
})

t.test('organizations beyond the places share a bucket, and no work is lost', async (t) => {
  const usage = new Usage(() => 1, 4)
  for (let tick = 0; tick < 100; tick++) {
    for (let event = 0; event < 40; event++) usage.offered(offerOf(`organization-${event % 20}`))
    usage.fade(100)
  }
  const { byOrganization, rest } = usage.work
  t.equal(byOrganization.size, 4)
  t.ok(rest > 0)
  t.ok(isNear([...byOrganization.values()].reduce((sum, work) => sum + work, rest), 400))
})

t.test('a run of events of one organization counts like events that take turns', async (t) => {
  const [turns, runs] = [new Usage(() => 1, 2), new Usage(() => 1, 2)]
  for (let tick = 0; tick < 20; tick++) {
    for (let event = 0; event < 60; event++) turns.offered(offerOf(`organization-${event % 3}`))
    for (let event = 0; event < 60; event++) runs.offered(offerOf(`organization-${Math.floor(event / 20)}`))
    for (const usage of [turns, runs]) usage.fade(100)
  }
  const all = ({ work: { byOrganization, rest } }: Usage) =>
    [...byOrganization.values()].reduce((sum, work) => sum + work, rest)
  t.ok(isNear(all(runs), all(turns)) && isNear(all(runs), 600))
  t.equal(runs.work.byOrganization.size, 2)
})

t.test('a type gets its new cost with the next fading', async (t) => {
  let cost = 1
  const usage = new Usage((type) => type === 'a' ? cost : 1)
  usage.offered(offerOf('acme'))
  cost = 3
  usage.fade(100)
  usage.offered(offerOf('other'))
  usage.offered(offerOf('other'))
  const { byOrganization } = usage.work
  t.ok(isNear(byOrganization.get('other'), 6 * byOrganization.get('acme')!))
})

t.test('ids that come once push no offender out, and take bounded memory', async (t) => {
  const usage = new Usage()
  const offenders = Array.from({ length: 10 }, (_, index) => `offender-${index}`)
  let id = 0
  // 100,000 events a second for ten seconds, of which each offender has half a percent.
  for (let tick = 0; tick < 100; tick++) {
    for (let event = 0; event < 10_000; event++) {
      usage.offered(offerOf(event % 200 < 10 ? offenders[event % 200] : `once-${id++}`))
    }
    usage.fade(100)
  }
  t.ok(id > 900_000)
  t.strictSame(top(usage, 10).toSorted(), offenders)
  const { byOrganization, rest } = usage.work
  for (const name of offenders) t.ok(isNear(byOrganization.get(name), 500), `${name}: ${byOrganization.get(name)}`)
  t.equal(byOrganization.size, 1_000)
  t.ok(isNear(rest, 95_000))
})

t.test('offenders that begin amid ids that come once are on top within ten seconds', async (t) => {
  const usage = new Usage()
  let id = 0
  const second = (offenders: number) => {
    for (let tick = 0; tick < 10; tick++) {
      for (let event = 0; event < 5_000; event++) {
        usage.offered(offerOf(event % 200 < offenders ? `offender-${event % 200}` : `once-${id++}`))
      }
      usage.fade(100)
    }
  }
  for (let passed = 0; passed < 10; passed++) second(0)
  for (let passed = 0; passed < 10; passed++) second(10)
  t.ok(top(usage, 10).every((organizationId) => organizationId.startsWith('offender-')))
})

t.test('an event that names another organization than that of its key is work of the latter', async (t) => {
  const usage = new Usage()
  const producer = { ...UNLIMITED, organizationId: 'acme' }
  usage.offered(eventOffer({ type: 'a', priority: 5, organizationId: 'globex' }, 0, false, 0, undefined, producer))
  usage.fade(100)
  t.strictSame(top(usage, 2), ['acme'])
})

t.test('a burst is a quarter of itself over four times as long, and steady work is all of it', async (t) => {
  const usage = new Usage()
  usage.fade(1_000_000)
  for (let event = 0; event < 1_000; event++) usage.offered(offerOf('burst'))
  t.ok(isNear(usage.steadinessOf('burst'), 0.25), `${usage.steadinessOf('burst')}`)
  pass(usage, 120, { steady: 50 })
  t.ok(isNear(usage.steadinessOf('steady'), 1), `${usage.steadinessOf('steady')}`)
  t.equal(usage.steadinessOf('unknown'), 1)
})

import t from 'tap'
import { eventOffer } from '../../../services/admission/offer.ts'
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

t.test('has the rates of each outcome, from the first seconds on', async (t) => {
  const usage = new Usage()
  for (let second = 0; second < 3; second++) {
    for (let event = 0; event < 100; event++) {
      const offer = offerOf('acme')
      usage.offered(offer)
      if (event < 50) usage.admitted(offer)
      else if (event < 80) usage.refused(offer, 'load')
      else if (event < 90) usage.refused(offer, 'quota')
      else usage.refused(offer, 'forbidden')
      if (event % 10 === 9) usage.fade(100)
    }
  }
  const [acme] = usage.top(1)
  t.ok(isNear(acme?.offeredPerSecond, 100) && isNear(acme?.workPerSecond, 100), JSON.stringify(acme))
  t.ok(isNear(acme?.admittedPerSecond, 50) && isNear(acme?.shedPerSecond, 30), JSON.stringify(acme))
  t.ok(isNear(acme?.quotaRefusedPerSecond, 10), JSON.stringify(acme))
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
  usage.admitted(internal)
  usage.refused(internal, 'load')
  t.strictSame(usage.top(5).map(({ organizationId }) => organizationId), [NOBODY])
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

t.test('a decision that comes late counts for its organization, or for the bucket', async (t) => {
  const usage = new Usage(() => 1, 1)
  usage.offered(offerOf('early'))
  usage.offered(offerOf('late'))
  usage.refused(offerOf('early'), 'queue')
  usage.refused(offerOf('late'), 'queue')
  usage.fade(1_000)
  const [late, ...others] = usage.top(5)
  t.equal(late?.organizationId, 'late')
  t.equal(others.length, 0)
  t.equal(late?.shedPerSecond, late?.offeredPerSecond, 'its own refusal alone')
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
  t.strictSame(usage.top(10).map(({ organizationId }) => organizationId).toSorted(), offenders)
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
  t.ok(usage.top(10).every(({ organizationId }) => organizationId.startsWith('offender-')))
})

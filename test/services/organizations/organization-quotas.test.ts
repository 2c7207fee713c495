import fc from 'fast-check'
import t from 'tap'
import { eventOffer, internalOffer, type Offer } from '../../../services/admission/offer.ts'
import { QuotaExceeded } from '../../../services/admission/policies/quota-exceeded.ts'
import type { Charge, PermitOutcome } from '../../../services/admission/policy.ts'
import { UNLIMITED } from '../../../services/admission/rights.ts'
import type { QuotaSettings } from '../../../services/organizations/quota.ts'
import { loadAt, THRESHOLDS } from '../admission/load.ts'

const CALM = loadAt(0)
const PRESSED = loadAt(THRESHOLDS.warning)

/** A policy with a clock and settings that a test changes. */
class Bench {
  now = 1_000_000
  readonly policy: QuotaExceeded
  settings: QuotaSettings

  constructor (settings: QuotaSettings, mostPlaces?: number) {
    this.settings = settings
    this.policy = new QuotaExceeded({ now: () => this.now, settings: () => this.settings }, mostPlaces)
  }

  /** Offers an event; returns whether it was admitted. */
  post (organizationId: string | undefined, bytes = 100, load = CALM): boolean {
    const offer = eventOffer({ type: 'x', priority: 5, ...(organizationId !== undefined && { organizationId }) }, bytes)
    if (this.policy.judge(offer, load) !== undefined) return false
    this.policy.admitted(offer)?.settled('stored')
    return true
  }

  /** Offers events until one is refused, or `most`. */
  fill (organizationId: string | undefined, most = 10_000): number {
    let admitted = 0
    while (admitted < most && this.post(organizationId)) admitted++
    return admitted
  }
}

t.test('without quotas nobody is refused', async (t) => {
  t.equal(new Bench({}).fill('acme', 1_000), 1_000)
  t.equal(new Bench({ organizations: { acme: { eventsPerSecond: 1 } } }).fill('globex', 1_000), 1_000)
})

t.test('a burst is admitted at once, and then the rate', async (t) => {
  const bench = new Bench({ default: { eventsPerSecond: 10, burst: 25 } })
  t.equal(bench.fill('acme'), 25)
  bench.now += 1_000
  t.equal(bench.fill('acme'), 10)
  bench.now += 60_000
  t.equal(bench.fill('acme'), 25, 'no more than the burst is saved')
})

t.test('an organization has its own values, and the default ones otherwise', async (t) => {
  const bench = new Bench({
    default: { eventsPerSecond: 10, burst: 25 },
    organizations: { acme: { eventsPerSecond: 5 }, globex: { burst: 3 }, initech: {} }
  })
  t.strictSame(['acme', 'globex', 'initech', 'hooli'].map((id) => bench.fill(id)), [5, 3, 25, 25])
})

t.test('the organization is that of the key, that of the event, or the nameless one', async (t) => {
  const { policy } = new Bench({ default: { eventsPerSecond: 1 } })
  const producer = { ...UNLIMITED, organizationId: 'acme' }
  const offers: Offer[] = [
    { ...eventOffer({ type: 'x', priority: 5 }), producer },
    eventOffer({ type: 'x', priority: 5, organizationId: 'acme' }),
    eventOffer({ type: 'x', priority: 5 }),
    eventOffer({ type: 'x', priority: 5 }),
    internalOffer(5)
  ]
  const admitted = offers.map((offer) => {
    if (policy.judge(offer, CALM) !== undefined) return false
    if (!offer.isInternal) policy.admitted(offer)
    return true
  })
  t.strictSame(admitted, [true, false, true, false, true])
})

t.test('bytes have a quota of their own, and a large event is admitted and paid for', async (t) => {
  const bench = new Bench({ default: { bytesPerSecond: 1_000 } })
  t.equal(bench.post('acme', 5_000), true)
  t.equal(bench.post('acme', 1), false)
  bench.now += 3_999
  t.equal(bench.post('acme', 1), false)
  bench.now += 2
  t.equal(bench.post('acme', 1), true)
})

t.test('a soft quota refuses only above the warning threshold, and its debt is bounded', async (t) => {
  const bench = new Bench({ enforcement: 'soft', default: { eventsPerSecond: 10 } })
  for (let second = 0; second < 60; second++) {
    for (let posted = 0; posted < 100; posted++) t.ok(bench.post('acme'))
    bench.now += 1_000
  }
  t.equal(bench.post('acme', 100, PRESSED), false)
  t.equal(bench.post('globex', 100, PRESSED), true)
  t.equal(bench.post('acme', 100, loadAt(0, { isDepthKnown: false })), false, 'an unknown queue is not an empty one')
  // It owes two bursts and what it posted in the last millisecond.
  bench.now += 12_000
  t.equal(bench.post('acme', 100, PRESSED), true)
})

t.test('a quota that is raised counts at once, and a bucket stays as full as it was', async (t) => {
  const bench = new Bench({ default: { eventsPerSecond: 1, burst: 1_000 } })
  t.equal(bench.fill('acme'), 1_000)
  bench.settings = { default: { eventsPerSecond: 100, burst: 100 } }
  t.equal(bench.fill('acme'), 0)
  bench.now += 100
  t.equal(bench.fill('acme'), 10)
  bench.settings = { organizations: { acme: { eventsPerSecond: 100 } } }
  bench.now += 500
  t.equal(bench.fill('acme'), 50)
  bench.settings = {}
  t.equal(bench.fill('acme', 1_000), 1_000)
})

t.test('an organization that owes a large event under a small quota soon posts under a large one', async (t) => {
  const bench = new Bench({ default: { bytesPerSecond: 1 } })
  t.ok(bench.post('acme', 1_000_000), 'which takes days to come back')
  bench.settings = { default: { bytesPerSecond: 1_000_000 } }
  bench.now += 999
  t.notOk(bench.post('acme'))
  bench.now += 1_002
  t.ok(bench.post('acme'), 'its burst is empty for a second, and it owes a second')
  bench.settings = { default: { bytesPerSecond: 1 } }
  bench.now += 1_001
  t.ok(bench.post('acme'), 'a quota that falls makes no debt larger')
})

t.test('an organization whose quota is taken away is not near it, and keeps no memory', async (t) => {
  const bench = new Bench({ default: { eventsPerSecond: 10 } })
  const { policy } = bench
  const name = () => Object.keys(policy.report()).at(-1) ?? ''
  bench.fill('acme')
  bench.now += 500
  const acme = name()
  policy.observe(new Map([[acme, 2_000]]), 1)
  t.equal(policy.near().count, 1)
  bench.settings = {}
  bench.post('acme')
  policy.observe(new Map([[acme, 2_000]]), 1)
  t.equal(policy.near().count, 0)
  bench.settings = { default: { eventsPerSecond: 10 } }
  bench.post('acme')
  policy.report()
  policy.observe(new Map([[acme, 2_000]]), 1)
  t.equal(policy.near().count, 1, 'and counts once when it is back')
})

t.test('the account that newcomers without a place share has nothing to do with the nameless organization', async (t) => {
  const bench = new Bench({ default: { eventsPerSecond: 10, burst: 10 } }, 1)
  bench.fill('takes the only place')
  bench.fill(undefined)
  const { policy } = bench
  const other = new Bench({ default: { eventsPerSecond: 10, burst: 10 } })
  other.fill(undefined)
  policy.observe(new Map(Object.entries(other.policy.report())), 1)
  bench.now += 3_000
  bench.fill('takes the only place')
  t.equal(bench.fill('a newcomer'), 10)
})

t.test('a clock that is set back stands still, and refuses nobody for hours', async (t) => {
  const bench = new Bench({ default: { eventsPerSecond: 10 } })
  t.equal(bench.fill('acme'), 10)
  bench.now -= 3_600_000
  t.equal(bench.fill('acme'), 0)
  bench.now += 1_000
  t.equal(bench.fill('acme'), 10)
})

t.test('a flood of names that never repeat pushes out no organization that exceeds its quota', async (t) => {
  const bench = new Bench({ default: { eventsPerSecond: 1, burst: 5 } }, 100)
  t.equal(bench.fill('offender'), 5)
  for (let name = 0; name < 10_000; name++) {
    bench.post(`flood-${name}`)
    if (name % 100 === 0) {
      bench.now += 5
      t.equal(bench.post('offender'), false)
    }
  }
  t.equal(bench.post('flood-again'), false, 'those without a place share one quota')
  bench.now += 10_000
  t.equal(bench.fill('late'), 5, 'a place is free as soon as a bucket is full')
  t.equal(bench.fill('offender'), 5)
})

t.test('an organization of the settings has a place in any flood', async (t) => {
  const bench = new Bench({ default: { eventsPerSecond: 1 }, organizations: { acme: { eventsPerSecond: 7 } } }, 10)
  for (let name = 0; name < 100; name++) bench.post(`flood-${name}`)
  t.equal(bench.fill('acme'), 7)
})

t.test('what is charged in the end is what was stored, whatever happens to the others', async () => {
  const outcome = fc.constantFrom('stored' as const, 'duplicate' as const, 'lost' as const, 'in flight' as const)
  fc.assert(fc.property(fc.array(fc.tuple(outcome, fc.nat(3)), { maxLength: 60 }), (steps) => {
    const bench = new Bench({ default: { eventsPerSecond: 1, burst: 100 } })
    const waiting: { charge: Charge | undefined, outcome: PermitOutcome }[] = []
    let counted = 0
    for (const [outcome, settledNow] of steps) {
      const offer = eventOffer({ type: 'x', priority: 5, organizationId: 'acme' })
      if (bench.policy.judge(offer, CALM) !== undefined) return false
      const charge = bench.policy.admitted(offer)
      // An event whose end nobody learns, since the process is killed, stays charged.
      if (outcome === 'in flight' || outcome === 'stored') counted++
      if (outcome !== 'in flight') waiting.push({ charge, outcome })
      for (const { charge, outcome } of waiting.splice(0, settledNow)) charge?.settled(outcome)
    }
    for (const { charge, outcome } of waiting) charge?.settled(outcome)
    return bench.fill('acme') === 100 - counted
  }))
})

t.test('duplicates take no share of a quota from other replicas, while lost events are offers', async (t) => {
  const bench = new Bench({ default: { eventsPerSecond: 10 } })
  const report = (outcome: PermitOutcome, organizationId: string) => {
    for (let posted = 0; posted < 40; posted++) {
      const offer = eventOffer({ type: 'x', priority: 5, organizationId })
      const charge = bench.policy.judge(offer, CALM) === undefined ? bench.policy.admitted(offer) : undefined
      bench.now += 50
      charge?.settled(outcome)
    }
    return Object.keys(bench.policy.report())
  }
  t.strictSame(report('duplicate', 'acme'), [])
  t.equal(report('lost', 'globex').length, 1)
})

t.test('tells who is near a quota', async (t) => {
  const bench = new Bench({ default: { eventsPerSecond: 10 } })
  for (let posted = 0; posted < 10; posted++) {
    bench.post('quick')
    if (posted < 5) bench.post('slow')
    bench.now += 100
  }
  t.strictSame(bench.policy.near(), { count: 0, named: [] })
  t.ok(Object.keys(bench.policy.report()).length >= 1)
  bench.policy.observe(new Map(), 0)
  t.match(bench.policy.near(), { count: 1, named: [{ organizationId: 'quick' }] })
  bench.policy.reset()
  t.strictSame(bench.policy.near(), { count: 0, named: [] })
})

t.test('an organization is near its quota from 80 % of it on', async (t) => {
  const bench = new Bench({ default: { eventsPerSecond: 100 } })
  for (let posted = 0; posted < 100; posted++) {
    if (posted % 20 < 17) bench.post('near')
    if (posted % 20 < 15) bench.post('far')
    bench.now += 10
  }
  bench.policy.report()
  bench.policy.observe(new Map(), 0)
  t.match(bench.policy.near(), { count: 1, named: [{ organizationId: 'near' }] })
})

t.test('the headers say what is left, less under pressure, and their text changes in steps', async (t) => {
  const bench = new Bench({ default: { eventsPerSecond: 100, burst: 200 } })
  const headers = (pressure = 0) => bench.policy.rateLimit('acme', pressure)
  t.strictSame(headers(), { policy: '"org";q=200;w=2', limit: '"org";r=200;t=1' })
  const before = headers()
  bench.post('acme')
  bench.post('acme')
  t.match(headers(), { limit: '"org";r=192;t=1' })
  bench.post('acme')
  t.equal(headers(), headers())
  t.not(headers(), before)
  bench.fill('acme')
  t.match(headers(), { limit: '"org";r=0;t=2' })
  bench.now += 1_000
  t.match(headers(), { limit: '"org";r=100;t=1' })
  t.match(headers(0.5), { limit: '"org";r=50;t=1' })
  t.match(headers(1), { limit: '"org";r=0;t=1' })
  bench.settings = { default: { bytesPerSecond: 1_000 } }
  t.strictSame(bench.policy.rateLimit('globex', 0), {
    policy: '"org-bytes";q=1000;w=1;qu="content-bytes"', limit: '"org-bytes";r=992;t=1'
  })
  bench.settings = {}
  t.equal(headers(), undefined)
})

t.test('headers say nothing of a quota that refuses nothing', async (t) => {
  for (const mode of ['observe', 'false']) {
    const bench = new Bench({ mode, default: { eventsPerSecond: 10 } })
    bench.post('acme')
    t.equal(bench.policy.rateLimit('acme', 0), undefined, mode)
    bench.settings = { ...bench.settings, mode: 'true' }
    t.match(bench.policy.rateLimit('acme', 0), { policy: '"org";q=10;w=1' }, 'from the moment on at which it does')
  }
})

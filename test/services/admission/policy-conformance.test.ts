import t from 'tap'
import type { Offer } from '../../../services/admission/offer.ts'
import type { Objection, PermitOutcome, Policy } from '../../../services/admission/policy.ts'
import { QuotaExceeded } from '../../../services/admission/policies/quota-exceeded.ts'
import type { QuotaSettings } from '../../../services/organizations/quota.ts'
import exampleQuota, { ExampleQuota } from './example-quota.ts'
import { loadPolicyModules } from './load.ts'
import { LAWS, LAWS_WITH_BOUNDED_DEBT, testConformance, type Claim } from './policy-conformance.ts'
import { buildOf, type BuildPolicy } from './policy-trial.ts'

const modules = await loadPolicyModules()

t.test('the folder of policies has some', async (t) => { t.ok(modules.length > 5) })

/** Quotas that a short history uses up. */
const QUOTAS: Record<string, QuotaSettings> = {
  'events of three seconds': { default: { eventsPerSecond: 1, burst: 3 } },
  'events and bytes of two organizations': {
    organizations: { acme: { eventsPerSecond: 2, burst: 5, bytesPerSecond: 1_000 }, globex: { bytesPerSecond: 500 } }
  }
}

/** The same with a debt, which is bounded. */
const QUOTAS_WITH_DEBT: Record<string, QuotaSettings> = {
  'a soft one': { enforcement: 'soft', default: { eventsPerSecond: 1, burst: 3 } },
  'a soft one of bytes': { enforcement: 'soft', default: { bytesPerSecond: 1_000 } },
  'one that is observed': { mode: 'observe', default: { eventsPerSecond: 1, burst: 3 } }
}

const withQuotas = (quotas: Record<string, QuotaSettings>) => Object.entries(quotas).map(([name, settings]) => {
  const build: BuildPolicy = (context) => new QuotaExceeded({ ...context, settings: () => settings })
  return [`quota-exceeded, ${name}`, build] as const
})

testConformance(t, new Map([
  ...modules.map(({ name, value }) => [name, buildOf(value)] as const), ['example-quota', buildOf(exampleQuota)],
  ...withQuotas(QUOTAS)
]))

testConformance(t, new Map(withQuotas(QUOTAS_WITH_DEBT)), LAWS_WITH_BOUNDED_DEBT)

/** A policy that is charged. */
type Charging = Required<Omit<Policy, 'settled' | 'rateLimit' | 'near' | 'sent' | 'mostDepth'>>

const QUOTA: Objection = { kind: 'quota', retry: { afterMs: 1_000 } }

/** The example with some of its methods replaced. */
const quotaBut = (replace: (quota: Charging) => Partial<Policy>): BuildPolicy => (context) => {
  const quota: Charging = new ExampleQuota(context)
  return {
    judge: (offer, load) => quota.judge(offer, load),
    admitted: (offer) => quota.admitted(offer),
    report: () => quota.report(),
    observe: (reading) => quota.observe(reading),
    reset: () => quota.reset(),
    ...replace(quota)
  }
}

/** Counts what each organization has in store, and knows neither windows nor which offers it has charged. */
class NaiveCount implements Policy {
  readonly counts = new Map<string, number>()
  judge ({ organizationId = '' }: Offer) {
    return (this.counts.get(organizationId) ?? 0) < 3 ? undefined : QUOTA
  }
  admitted ({ organizationId }: Offer) {
    this.#add(organizationId, 1)
  }
  settled ({ organizationId }: Offer, outcome: PermitOutcome) {
    if (outcome !== 'stored') this.#add(organizationId, -1)
  }
  reset () {
    this.counts.clear()
  }
  #add (organizationId: string | undefined, amount: number) {
    if (organizationId === undefined) return
    const count = (this.counts.get(organizationId) ?? 0) + amount
    if (count === 0) this.counts.delete(organizationId)
    else this.counts.set(organizationId, count)
  }
}

/** Windows begin anew whatever is in flight, so that a late refund goes to the wrong one. */
class ForgetfulWindows extends NaiveCount {
  readonly #now: () => number
  #window = 0
  constructor (now: () => number) { super(); this.#now = now }
  override judge (offer: Offer) { this.#turn(); return super.judge(offer) }
  override admitted (offer: Offer) { this.#turn(); super.admitted(offer) }
  override settled (offer: Offer, outcome: PermitOutcome) { this.#turn(); super.settled(offer, outcome) }
  #turn () {
    const window = Math.floor(this.#now() / 60_000)
    if (window !== this.#window) this.counts.clear()
    this.#window = window
  }
}

const judging = (judge: Policy['judge']): BuildPolicy => () => ({ judge })

/** Policies that are wrong in one way, and the laws that are there to catch them. */
const BROKEN: Record<string, [build: BuildPolicy, broken: Claim[]]> = {
  'a policy that refunds nothing': [
    quotaBut((quota) => ({ admitted: (offer) => void quota.admitted(offer) })), ['a charge that is refunded is none, however much later']
  ],
  'one that refunds what is lost, and not what was stored before': [
    quotaBut((quota) => ({
      admitted: (offer) => {
        const charge = quota.admitted(offer)
        return charge && { settled: (outcome) => charge.settled(outcome === 'lost' ? 'lost' : 'stored') }
      }
    })),
    ['a charge that is refunded is none, however much later']
  ],
  'one that refunds into the next window': [
    ({ now }) => new ForgetfulWindows(now),
    [
      'a charge that is refunded is none, however much later',
      'a reset forgets, and what was in flight by then is not refunded',
      'a million organizations take bounded memory'
    ]
  ],
  'one that forgets nothing when it is reset': [
    quotaBut(() => ({ reset: () => {} })), ['a reset forgets, and what was in flight by then is not refunded']
  ],
  'one that adds up readings of the fleet': [
    quotaBut((quota) => {
      const sums = new Map<string, number>()
      return {
        observe: (reading) => {
          for (const [name, count] of reading) sums.set(name, (sums.get(name) ?? 0) + count)
          quota.observe(sums)
        }
      }
    }),
    [
      'a reading of the fleet takes the place of the one before',
      'a reset forgets, and what was in flight by then is not refunded'
    ]
  ],
  'one that admits more when others are charged': [
    quotaBut((quota) => {
      let isBusyElsewhere = false
      return {
        observe: (reading) => { isBusyElsewhere = reading.size > 0 },
        judge: (offer, load) => isBusyElsewhere ? undefined : quota.judge(offer, load)
      }
    }),
    ['the more is charged elsewhere, the less is admitted here']
  ],
  'one that forgets what it reports': [
    quotaBut((quota) => ({ report: () => { const share = quota.report(); quota.reset(); return share } })),
    ['a report has counts, and to report charges nothing']
  ],
  'one that refunds after a reset': [
    () => new NaiveCount(),
    ['a reset forgets, and what was in flight by then is not refunded', 'a million organizations take bounded memory']
  ],
  'one that keeps every organization': [
    (context) => new ExampleQuota(context, Infinity), ['a million organizations take bounded memory']
  ],
  'one that keeps every type that it is asked about': [
    () => {
      const types = new Set<string | undefined>()
      return { judge: ({ type }) => { types.add(type); return undefined } }
    },
    ['a million organizations take bounded memory']
  ],
  'one that spares low priority': [
    quotaBut((quota) => ({
      judge: (offer, load) => offer.priorityClass === 'low' ? undefined : quota.judge(offer, load)
    })),
    [
      'a better class is never refused where a worse one is admitted',
      'a request that is refused unread has no event that would be admitted'
    ]
  ],
  'one whose head answers for an organization that it does not know': [
    quotaBut((quota) => ({
      judge: (offer, load) => quota.judge(offer.stage === 'head' ? { ...offer, organizationId: 'acme' } : offer, load)
    })),
    ['a request that is refused unread has no event that would be admitted']
  ],
  'one whose head takes the body for one event': [
    judging(({ stage, bytes }) => stage === 'head' && bytes > 5_000 ? QUOTA : undefined),
    ['a request that is refused unread has no event that would be admitted']
  ],
  'one whose head adds up the bytes of the body': [
    judging(({ bytes }) => bytes > 5_000 ? QUOTA : undefined),
    ['a request that is refused unread has no event that would be admitted']
  ],
  'one that admits again when it gets worse': [
    judging((_offer, { depth }) =>
      depth > 500 && depth < 1_000 ? { kind: 'load', retry: { belowDepth: 500 } } : undefined
    ),
    ['more load never admits more']
  ],
  'one that charges when it is asked': [
    (context) => {
      const quota: Charging = new ExampleQuota(context)
      return {
        judge: (offer, load) => {
          const objection = quota.judge(offer, load)
          if (objection === undefined) quota.admitted({ ...offer })
          return objection
        },
        reset: () => quota.reset()
      }
    },
    ['to judge charges nothing']
  ],
  'one that refuses at its limit and not beyond it': [
    judging((_offer, { depth }) => depth === 1_000 ? { kind: 'queue', retry: { belowDepth: 1_000 } } : undefined),
    ['more load never admits more']
  ],
  'one whose head has the draw of one of its events': [
    judging(({ stage, draw }, { signals: { shedding } }) => {
      const share = shedding?.shares.low ?? 0
      return (stage === 'head' ? 0.5 : draw) < share ? { kind: 'load', retry: { afterMs: 0 } } : undefined
    }),
    ['a request that is refused unread has no event that would be admitted']
  ],
  'one that asks for a wait that is no number': [
    judging(() => ({ kind: 'load', retry: { afterMs: NaN } })), ['an objection has a kind, and a wait or none']
  ],
  'one that throws for an organization': [
    judging(({ organizationId }) => {
      if (organizationId === 'acme') throw new Error('no such plan')
      return undefined
    }),
    LAWS.map(({ claim }) => claim).filter((claim) => claim !== 'a million organizations take bounded memory')
  ]
}

/** A policy that keeps all of a million keeps all of these. */
const ENOUGH_TO_TELL = 100_000

for (const { claim, counterexample } of LAWS) {
  const caught = Object.entries(BROKEN).filter(([, [, broken]]) => broken.includes(claim))
  t.test(`the law catches policies that are wrong in this way: ${claim}`, async (t) => {
    for (const [name, [build]] of caught) t.not(counterexample(build, ENOUGH_TO_TELL), undefined, name)
  })
}

t.test('no law is idle', async (t) => {
  const broken = new Set(Object.values(BROKEN).flatMap(([, claims]) => claims))
  t.strictSame(LAWS.map(({ claim }) => claim).filter((claim) => !broken.has(claim)), [])
})

import t from 'tap'
import { headOffer } from '../../../services/admission/offer.ts'
import { createPolicies, isPolicyModule, type PolicyModule } from '../../../services/admission/policy.ts'
import { PolicyChain } from '../../../services/admission/policy-chain.ts'
import { loadAt, loadPolicies } from './load.ts'

const fine: PolicyModule = { rank: 1, create: () => ({ judge: () => undefined }) }

t.test('tells policy modules from anything else', async (t) => {
  t.equal(isPolicyModule(fine), true)
  const others: unknown[] = [
    undefined,
    null,
    'policy',
    () => fine,
    {},
    { ...fine, rank: '1' },
    { ...fine, rank: NaN },
    { ...fine, rank: undefined },
    { ...fine, create: undefined },
    { ...fine, create: true },
    { ...fine, settings: {} },
    { ...fine, settings: null },
    { ...fine, settings: { schema: {} } }
  ]
  for (const other of others) t.equal(isPolicyModule(other), false)
})

t.test('a module that creates no policy stops the boot and is named', async (t) => {
  for (const created of [undefined, null, {}, { judge: true }]) {
    const value = { rank: 1, create: () => created } as unknown as PolicyModule
    t.throws(() => createPolicies([{ name: 'hollow', value }], () => 0), { message: /policy hollow: create\(\)/ })
  }
})

t.test('a policy is created with the clock, and keeps its methods, its rank and the name of its file', async (t) => {
  class Counting {
    #judged = 0
    readonly now: () => number
    constructor (now: () => number) { this.now = now }
    judge () { return ++this.#judged > 1 ? { kind: 'quota' as const, retry: { afterMs: this.now() } } : undefined }
  }
  const module: PolicyModule = { rank: 7, create: ({ now }) => new Counting(now) }
  const [policy] = createPolicies([{ name: 'counting', value: module }], () => 42)
  t.match(policy, { rank: 7, reason: 'counting' })
  const judge = () => policy?.judge(headOffer(5), loadAt(0))
  t.equal(judge(), undefined)
  t.strictSame(judge(), { kind: 'quota', retry: { afterMs: 42 } })
})

t.test('the policies are asked in this order', async (t) => {
  const policies = (await loadPolicies()).toSorted((a, b) => a.rank - b.rank)
  t.strictSame(policies.map(({ reason }) => reason), [
    'priority-ceiling', 'type-not-allowed', 'organization-mismatch', 'quota-exceeded',
    'queue-full', 'queue-unavailable', 'would-expire', 'queue-bytes', 'fair-share', 'circuit-open', 'delay-budget', 'low-priority-shed', 'pre-shed',
    'smooth-shed', 'process-overloaded',
    'bodies-in-flight'
  ])
})

t.test('no two policies share a rank', async (t) => {
  const ranks = (await loadPolicies()).map(({ rank }) => rank)
  t.equal(new Set(ranks).size, ranks.length)
})

t.test('policies report to those of their name, which learn the sum of all replicas', async (t) => {
  const readings: Record<string, object[]> = { sharing: [], other: [] }
  const others: (number | undefined)[] = []
  const sharing = (name: string): PolicyModule => ({
    rank: 1,
    create: () => ({
      judge: () => undefined,
      report: () => ({ [name]: 1 }),
      observe: (reading, count) => {
        if (name === 'sharing') others.push(count)
        readings[name]?.push(Object.fromEntries(reading))
      }
    })
  })
  const modules = [{ name: 'sharing', value: sharing('sharing') }, { name: 'plain', value: fine }, {
    name: 'other',
    value: sharing('other')
  }]
  const chain = new PolicyChain(createPolicies(modules, () => 0))
  t.strictSame(chain.report(), { sharing: { sharing: 1 }, other: { other: 1 } })
  chain.observe([
    { sharing: { acme: 2, globex: 1 }, gone: { acme: 9 } },
    { sharing: { acme: 3, broken: Infinity } },
    {}
  ])
  chain.observe([])
  t.strictSame(others, [3, 0])
  t.strictSame(readings, { sharing: [{ acme: 5, globex: 1 }, {}], other: [{}, {}] })
})

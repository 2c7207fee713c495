import fc from 'fast-check'
import t from 'tap'
import { Account, type AccountCharge } from '../../../services/organizations/account.ts'
import { TermsBook, type Quota } from '../../../services/organizations/quota.ts'

const OF_EVENTS: readonly Quota[] = [
  { eventsPerSecond: 0.01, burst: 400 }, { eventsPerSecond: 7, burst: 3 }, { eventsPerSecond: 1_000 }
]
const OF_BYTES: readonly Quota[] = [{ bytesPerSecond: 100 }, { bytesPerSecond: 3_000_000 }, { bytesPerSecond: 7_777 }]

/** A quota that changes rounds times, by less than this part of an event. */
const ROUNDING = 0.001

const RUNS = { numRuns: 1_000 }

const termsOf = (quota: Quota | undefined) => new TermsBook({ default: quota! }).default!

/** A charge that stays or is refunded, a refund of one of those that wait, a quota that changes, and time. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({
    kind: fc.constant('charge' as const),
    bytes: fc.nat(5_000),
    share: fc.constantFrom(1, 1 / 2, 1 / 3, 0.05),
    stays: fc.boolean()
  }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('refund' as const), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('follow' as const), index: fc.nat(OF_EVENTS.length - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.nat(3_000) }) }
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/**
 * Does the steps to an account, and to another one only the charges that stay. All refunds are made in the end.
 *
 * @returns both, the time, and whether the account owed more than its burst when a quota changed
 */
function run (steps: readonly Step[], quotas: readonly Quota[]) {
  const account = new Account('acme', termsOf(quotas[0]))
  const twin = new Account('acme', termsOf(quotas[0]))
  const waiting: AccountCharge[] = []
  let now = 0
  let hasOwed = false
  for (const each of steps) {
    if (each.kind === 'charge') {
      const charge = account.charge(each.bytes, now, each.share, true)
      if (each.stays) twin.charge(each.bytes, now, each.share, true)
      else waiting.push(charge)
    } else if (each.kind === 'refund') {
      for (const charge of waiting.splice(each.which % Math.max(1, waiting.length), 1)) charge.settled('lost')
    } else if (each.kind === 'follow') {
      hasOwed ||= account.waitMs(now, 1) > (account.terms.events?.intervalMs ?? 0)
      account.follow(termsOf(quotas[each.index]), now)
      twin.follow(termsOf(quotas[each.index]), now)
    } else now += each.ms
  }
  for (const charge of waiting.toReversed()) charge.settled('lost')
  return { account, twin, now, hasOwed }
}

/** Milliseconds until there is room for an event, below 0 if there is; a full account has the same always. */
function waitOf (account: Account, now: number): number {
  const full = new Account('full', account.terms)
  full.charge(1, now, 1, true).settled('lost')
  return Math.max(account.waitMs(now, 1), full.waitMs(now, 1))
}

/** How much longer the wait of an account is than that of its twin, in events or bytes. */
function excess ({ account, twin, now }: ReturnType<typeof run>): number {
  return (waitOf(account, now) - waitOf(twin, now)) / (account.terms.events ?? account.terms.bytes!).intervalMs
}

const quotas = fc.constantFrom(OF_EVENTS, OF_BYTES)
const without = (...kinds: string[]) =>
  fc.array(step, { maxLength: 60 }).map((steps) => steps.filter(({ kind }) => !kinds.includes(kind)))

t.test('a charge and its refund are nothing, in any order with others', async () => {
  fc.assert(fc.property(without('time', 'follow'), quotas, (steps, quotas) => excess(run(steps, quotas)) === 0), RUNS)
})

t.test('a refund is worth its charge, also if the quota has changed in between', async () => {
  fc.assert(fc.property(without('time'), quotas, (steps, quotas) => {
    const done = run(steps, quotas)
    // A debt beyond the burst shrinks under a larger quota.
    return done.hasOwed ? excess(done) < ROUNDING : Math.abs(excess(done)) < ROUNDING
  }), RUNS)
})

t.test('refunded events never leave less of a quota, however late that is', async () => {
  fc.assert(fc.property(without(), quotas, (steps, quotas) => excess(run(steps, quotas)) < ROUNDING), RUNS)
})

t.test('equal charges of one moment are one object, and no others', async (t) => {
  const account = new Account('acme', termsOf({ eventsPerSecond: 7, burst: 3 }))
  const first = account.charge(100, 5, 1, true)
  t.equal(account.charge(100, 5, 1, true), first)
  const later = account.charge(100, 6, 1, true)
  t.not(later, first, 'a later one')
  t.not(account.charge(100, 6, 1, true, true), later, 'one of an event beyond the quota')
  t.not(account.charge(100, 6, 1 / 2, true, true), later, 'one under another share')
  const last = account.charge(100, 6, 1, true)
  account.follow(termsOf({ eventsPerSecond: 7, burst: 30 }), 6)
  t.not(account.charge(100, 6, 1, true), last, 'one under another quota')
})

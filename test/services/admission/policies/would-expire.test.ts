import t from 'tap'
import { eventOffer, headOffer, internalOffer } from '../../../../services/admission/offer.ts'
import wouldExpire from '../../../../services/admission/policies/would-expire.ts'
import { loadAt } from '../load.ts'

const NOW = 1_750_000_000_000
const policy = wouldExpire.create({ now: () => NOW, settings: () => ({}) })
const REFUSED = { kind: 'deadline', retry: 'never' } as const
const WAITS = {
  critical: { ms: 60_000, msPerEvent: 1 },
  normal: { ms: 60_000, msPerEvent: 10 },
  low: { ms: Infinity, msPerEvent: 0 }
}
const LOAD = loadAt(100, { waits: WAITS })
const event = (priority: number, leftMs: number | undefined, isInternal = false) =>
  eventOffer({ type: 'x', priority }, 0, isInternal, 0, leftMs === undefined ? undefined : NOW + leftMs)

t.test('refuses an event for ever if it would wait for longer than it has left', async (t) => {
  const table: [priority: number, leftMs: number | undefined, isRefused: boolean][] = [
    [5, 59_999, true], [5, 60_000, false], [5, undefined, false], [10, 1e12, true], [10, undefined, false],
    [1, 1, false], [1, 0, true], [5, 0, true], [5, -1, true]
  ]
  for (const [priority, leftMs, isRefused] of table) {
    const expected = isRefused ? REFUSED : undefined
    t.strictSame(policy.judge(event(priority, leftMs), LOAD), expected, `${priority} with ${leftMs} ms`)
    t.equal(policy.judge(event(priority, leftMs, true), LOAD), undefined, 'one of the service itself gets in')
    const head = headOffer(priority, 0, leftMs === undefined ? undefined : NOW + leftMs)
    t.strictSame(policy.judge(head, LOAD), expected, 'unread')
  }
  t.equal(policy.judge(internalOffer(10), LOAD), undefined)
})

t.test('events that came since the reading make the wait longer', async (t) => {
  t.equal(policy.judge(event(5, 60_500), { ...LOAD, depth: 150 }), undefined)
  t.strictSame(policy.judge(event(5, 60_499), { ...LOAD, depth: 150 }), REFUSED)
  t.strictSame(policy.judge(event(10, 1e12), { ...LOAD, depth: 150 }), REFUSED)
})

t.test('an unknown wait refuses nothing but what is past its deadline', async (t) => {
  for (const load of [loadAt(100), loadAt(100, { waits: WAITS, isDepthKnown: false })]) {
    t.equal(policy.judge(event(10, 1), load), undefined)
    t.strictSame(policy.judge(event(10, 0), load), REFUSED)
  }
})

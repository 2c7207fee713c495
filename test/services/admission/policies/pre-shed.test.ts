import t from 'tap'
import { eventOffer, headOffer, internalOffer } from '../../../../services/admission/offer.ts'
import preShed from '../../../../services/admission/policies/pre-shed.ts'
import { loadAt } from '../load.ts'

const policy = preShed.create({ now: () => 0, settings: () => ({}) })
const LOAD = loadAt(0, { preShed: { share: 0.3, retryAfterMs: 20_000 } })
const REFUSED = { kind: 'load', retry: { afterMs: 20_000 } } as const
const event = (priority: number, draw: number) => eventOffer({ type: 'x', priority }, 0, false, draw)

t.test('refuses the low events of the share, and nothing without one', async (t) => {
  const table = [[6, 0, true], [10, 0.29, true], [10, 0.3, false], [5, 0, false], [1, 0, false]] as const
  for (const [priority, draw, isRefused] of table) {
    t.strictSame(policy.judge(event(priority, draw), LOAD), isRefused ? REFUSED : undefined, `${priority} with ${draw}`)
    t.equal(policy.judge(event(priority, draw), loadAt(499)), undefined)
  }
})

t.test('refuses no request unread, since each event has its own draw; events of the service itself wait', async (t) => {
  t.equal(policy.judge(headOffer(10), LOAD), undefined)
  t.strictSame(policy.judge(internalOffer(10), LOAD), REFUSED)
  t.equal(policy.judge(internalOffer(5), LOAD), undefined)
})

import t from 'tap'
import { eventOffer, headOffer, internalOffer } from '../../../../services/admission/offer.ts'
import fairShare from '../../../../services/admission/policies/fair-share.ts'
import { UNLIMITED, type Rights } from '../../../../services/admission/rights.ts'
import type { FairShares, OverShare } from '../../../../services/admission/signals.ts'
import { loadAt } from '../load.ts'

const OVER: OverShare = { shares: { critical: 0, normal: 0.5, low: 1 }, perSecond: 20, weight: 2 }
const fairShares: FairShares = { above: 1, level: 100, over: (id) => id === 'flood' ? OVER : undefined }

const policy = fairShare.create({ now: () => 0, settings: () => ({}) })
const load = loadAt(300, { fairShares })
const offerOf = (organizationId: string, priority: number, draw: number) =>
  eventOffer({ type: 'x', priority, organizationId }, 0, false, draw)
const keyOf = (organizationId: string): Rights => ({ ...UNLIMITED, organizationId })

t.test('refuses the share that an organization has to give up, and tells it its own', async (t) => {
  t.strictSame(policy.judge(offerOf('flood', 5, 0.4), load), { kind: 'load', retry: { afterMs: 2_000 }, over: OVER })
  t.equal(policy.judge(offerOf('flood', 5, 0.5), load), undefined)
  t.equal(policy.judge(offerOf('flood', 1, 0), load), undefined, 'critical')
  t.match(policy.judge(offerOf('flood', 9, 0.99), load), { retry: { afterMs: 60_000 } })
  t.equal(policy.judge(offerOf('other', 9, 0), load), undefined)
  t.equal(policy.judge(offerOf('flood', 9, 0), loadAt(300)), undefined, 'no shares are known')
})

t.test('an unread request is refused if its key tells the organization, and only if no event of it could get in', async (t) => {
  t.equal(policy.judge(headOffer(9, 0, undefined, keyOf('flood')), load)?.kind, 'load')
  t.equal(policy.judge(headOffer(5, 0, undefined, keyOf('flood')), load), undefined)
  t.equal(policy.judge(headOffer(9, 0, undefined, keyOf('other')), load), undefined)
  t.equal(policy.judge(headOffer(9), load), undefined, 'without a key')
})

t.test('events of the service itself belong to no organization', async (t) => {
  const all: FairShares = { above: 1, level: 100, over: () => OVER }
  t.equal(policy.judge(internalOffer(9), loadAt(300, { fairShares: all })), undefined)
})

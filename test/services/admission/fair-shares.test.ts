import t from 'tap'
import { AdmissionController } from '../../../services/admission/controller.ts'
import { eventOffer, headOffer, internalOffer, type Offer } from '../../../services/admission/offer.ts'
import type { FairShares, Relief } from '../../../services/admission/signals.ts'
import { loadPolicies, sampleOf, THRESHOLDS } from './load.ts'

const policies = await loadPolicies()
const fairShares: FairShares = {
  above: 1,
  level: 100,
  over: (id) => id === 'flood' ? { shares: { critical: 0, normal: 0, low: 0 }, perSecond: 1, weight: 1 } : undefined
}

function reasonAt (depth: number, offer: Offer, relief: Relief = {}, thresholds = THRESHOLDS): string | undefined {
  const controller = new AdmissionController({ thresholds, policies, now: 0 })
  controller.update(sampleOf({ 5: depth }), 100, undefined, thresholds, relief)
  return controller.judge(offer)?.reason
}

const offerOf = (organizationId: string, priority: number) =>
  eventOffer({ type: 'x', priority, organizationId }, 0, false, 0)

t.test('no policy that looks at the depth refuses an organization below its share', async (t) => {
  const shares = { critical: 0, normal: 0.5, low: 1 }
  const cases: [reason: string, depth: number, priority: number, relief: Relief, hold?: number][] = [
    ['circuit-open', 600, 5, {}],
    ['low-priority-shed', 450, 9, {}],
    ['delay-budget', 300, 5, {}, 200],
    ['smooth-shed', 100, 5, { shedding: { shares, targetDepth: 50 } }],
    ['pre-shed', 10, 9, { preShed: { share: 0.5, retryAfterMs: 1_000 } }]
  ]
  for (const [reason, depth, priority, relief, hold] of cases) {
    const thresholds = hold === undefined ? THRESHOLDS : { ...THRESHOLDS, hold }
    const at = (id: string, more: Relief = {}) =>
      reasonAt(depth, offerOf(id, priority), { ...relief, ...more }, thresholds)
    t.equal(at('one'), reason, 'without shares')
    t.equal(at('flood', { fairShares }), reason)
    t.equal(at('one', { fairShares }), undefined)
  }
})

t.test('the hard limit is for all', async (t) => {
  t.equal(reasonAt(1_000, offerOf('one', 5), { fairShares }), 'queue-full')
})

t.test('events of the service itself wait as before', async (t) => {
  t.equal(reasonAt(600, internalOffer(5), { fairShares }), 'circuit-open')
})

t.test('an unread request without a key may be of an organization below its share', async (t) => {
  t.equal(reasonAt(600, headOffer(5)), 'circuit-open')
  t.equal(reasonAt(600, headOffer(5), { fairShares }), undefined)
})

import t from 'tap'
import { BEST_DRAW, eventOffer, headOffer, internalOffer } from '../../../../services/admission/offer.ts'
import smoothShed from '../../../../services/admission/policies/smooth-shed.ts'
import { loadAt } from '../load.ts'

const policy = smoothShed.create({ now: () => 0, settings: () => ({}) })
const loadOf = (low: number, normal = 0) =>
  loadAt(200, { shedding: { shares: { critical: 0, normal, low }, targetDepth: 250 } })
const event = (priority: number, draw: number) => eventOffer({ type: 'x', priority }, 0, false, draw)

t.test('refuses the offers of a class whose draw is in its share', async (t) => {
  const table: [priority: number, draw: number, low: number, normal: number, readmittedBelow: number | undefined][] = [
    [9, 0, 0, 0, undefined], [9, 0, 0.2, 0, 200], [9, 0.19, 0.2, 0, 200], [9, 0.2, 0.2, 0, undefined],
    [5, 0, 1, 0, undefined], [9, BEST_DRAW, 1, 0, 0], [5, 0.4, 1, 0.5, 125], [5, 0.5, 1, 0.5, undefined],
    [1, 0, 1, 0.95, undefined]
  ]
  for (const [priority, draw, low, normal, belowDepth] of table) {
    const objection = belowDepth === undefined ? undefined : { kind: 'load' as const, retry: { belowDepth } }
    t.strictSame(policy.judge(event(priority, draw), loadOf(low, normal)), objection, `${priority} with ${draw}`)
  }
})

t.test('refuses a request unread only if all of its best class is shed', async (t) => {
  t.equal(policy.judge(headOffer(9), loadOf(0.999)), undefined)
  t.match(policy.judge(headOffer(9), loadOf(1)), { kind: 'load' })
  t.equal(policy.judge(headOffer(5), loadOf(1)), undefined)
})

t.test('holds what the service itself offers while any of its class is shed', async (t) => {
  t.match(policy.judge(internalOffer(9), loadOf(0.001)), { kind: 'load' })
  t.equal(policy.judge(internalOffer(5), loadOf(1)), undefined)
})

t.test('refuses nothing unless load is shed smoothly', async (t) => {
  for (const priority of [1, 5, 9]) t.equal(policy.judge(event(priority, 0), loadAt(499)), undefined)
})

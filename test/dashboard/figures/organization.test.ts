import t from 'tap'
import { organizationName, quotaText, refusedRate, refusedWhy } from '../../../dashboard/figures/organization.js'

const NOTHING = { load: 0, fairShare: 0, deadline: 0, quota: 0, forbidden: 0, invalid: 0 }
const refused = (rates: Partial<typeof NOTHING>) => ({ refusedPerSecond: { ...NOTHING, ...rates } })

t.test('says why events are refused, the most frequent cause first', async (t) => {
  t.equal(refusedWhy(refused({})), undefined)
  t.equal(refusedWhy(refused({ fairShare: 3 })), 'above its share')
  t.equal(refusedWhy(refused({ load: 0.5, quota: 1_200, invalid: 7 })), 'quota 1,200, invalid 7, load 0.5')
  t.equal(refusedRate(refused({ load: 0.5, quota: 1_200, deadline: 7 })), 1_207.5)
})

t.test('names quotas, and what has no name', async (t) => {
  t.equal(quotaText({ quota: null }), 'none')
  t.equal(quotaText({ quota: { eventsPerSecond: 2_000, burst: 5, bytesPerSecond: 9 } }), '2,000/s')
  t.equal(quotaText({ quota: { bytesPerSecond: 1_000_000 } }), '1,000,000 B/s')
  t.equal(organizationName(''), 'without a name')
  t.equal(organizationName('acme'), 'acme')
})

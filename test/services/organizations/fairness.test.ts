import t from 'tap'
import { priorityClass } from '../../../services/admission/priority-class.ts'
import { eventOffer } from '../../../services/admission/offer.ts'
import { OrganizationFairness } from '../../../services/organizations/fairness.ts'
import { Usage } from '../../../services/organizations/usage.ts'

const STEP_MS = 100
const LIGHTS = 10
const PRIORITIES = [1, 5, 5, 5, 5, 5, 5, 10, 10, 10]

interface Course {
  /** Events per second that workers finish, and those that they are believed to finish. */
  readonly capacity: number
  readonly believed?: number
  /** Events per second of ten organizations together, and of one that floods. */
  readonly lights: number
  readonly flood: (second: number) => number
  readonly seconds: number
}

/** Leads a queue that is admitted by fair shares alone through a course of offers. */
function follow ({ capacity, believed = capacity, lights, flood, seconds }: Course) {
  const thresholds = { recovery: 5_000, warning: 10_000, critical: 12_000, hardLimit: 100_000 }
  const usage = new Usage()
  const fairness = new OrganizationFairness({ usage, settings: () => ({}) })
  let depth = 0
  let offered = 0
  const sums = { most: 0, offered: 0, lost: 0 }
  for (let atMs = 0; atMs < seconds * 1_000; atMs += STEP_MS) {
    usage.fade(STEP_MS)
    fairness.follow(depth, STEP_MS)
    const shares = fairness.sharesAt({ depth, thresholds, capacityPerSecond: believed }, false)
    const post = (organizationId: string, perSecond: number) => {
      for (let event = 0; event < Math.round(perSecond * STEP_MS / 1_000); event++) {
        // A flood of critical events is admitted by right.
        const priority = organizationId === 'flood' ? 5 : PRIORITIES[offered % PRIORITIES.length]!
        usage.offered(eventOffer({ type: 'x', priority, organizationId }))
        const share = shares?.over(organizationId)?.shares[priorityClass(priority)] ?? 0
        // Evenly spread, in place of a draw.
        const isShed = offered++ * 0.618034 % 1 < share
        if (!isShed) depth++
        if (organizationId === 'flood') continue
        sums.offered++
        if (isShed) sums.lost++
      }
    }
    for (let light = 0; light < LIGHTS; light++) post(`light-${light}`, lights / LIGHTS)
    post('flood', flood(atMs / 1_000))
    depth = Math.max(0, depth - capacity * STEP_MS / 1_000)
    sums.most = Math.max(sums.most, depth)
  }
  return { most: sums.most, lost: sums.lost / sums.offered }
}

const BURST = (factor: number, until: number) => (second: number) => second >= 20 && second < until ? factor * 1_000 : 0

t.test('organizations below their shares lose next to nothing to a flood, nor to the backlog that it leaves', async (t) => {
  // A flood that fills the queue between two readings costs them the two seconds until it is seen to shrink.
  for (const flood of [BURST(10, 100), BURST(200, 100), BURST(200, 22)]) {
    for (const lights of [700, 900]) {
      const { lost, most } = follow({ capacity: 1_000, lights, flood, seconds: 120 })
      t.ok(lost <= 0.025, `${lights}: ${lost}`)
      t.ok(most < 20_000, `${most}`)
    }
  }
})

t.test('a capacity that is taken for twice as much lets no queue grow without end', async (t) => {
  const { most } = follow({ capacity: 500, believed: 1_000, lights: 700, flood: () => 0, seconds: 300 })
  t.ok(most > 6_000 && most < 13_000, `${most}`)
})

import t from 'tap'
import { mergedWork, workReport } from '../../../services/organizations/usage-fleet.ts'

const workOf = (byOrganization: Readonly<Record<string, number>>, rest = 0) => (
  { byOrganization: new Map(Object.entries(byOrganization)), rest }
)

t.test('replicas add up the work that each has seen', async (t) => {
  const others = [workReport(workOf({ acme: 10, other: 2 }, 1)), workReport(workOf({ acme: 5 }))]
  t.strictSame(mergedWork(workOf({ acme: 1, own: 3 }, 0.5), others), workOf({ acme: 16, own: 3, other: 2 }, 1.5))
})

t.test('work of organizations that a report had no room for counts as the rest', async (t) => {
  const { work, 'work-total': total } = workReport(workOf({ acme: 10, other: 2 }, 1))
  const { other: _, ...kept } = work!
  t.strictSame(mergedWork(workOf({}), [{ work: kept, 'work-total': total! }]), workOf({ acme: 10 }, 3))
})

t.test('a report of another version, or of nobody, adds nothing', async (t) => {
  const own = workOf({ acme: 1 })
  t.equal(mergedWork(own, []), own)
  t.strictSame(mergedWork(own, [{}, { work: { acme: NaN, other: -4 }, 'work-total': { '': Infinity } }]),
    workOf({ acme: 1, other: 0 }))
})

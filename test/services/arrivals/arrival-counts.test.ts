import fc from 'fast-check'
import t from 'tap'
import { eventOffer, headOffer } from '../../../services/admission/offer.ts'
import {
  ArrivalCounts, MOST_KINDS, MOST_ORGANIZATIONS, MOST_TYPES, withArrivals
} from '../../../services/arrivals/arrival-counts.ts'
import { FIRST_NAME, NO_NAME, OTHER_NAMES } from '../../../services/arrivals/arrival-record.ts'

const offerOf = (organizationId: string | undefined, type = 'reading', priority = 5) =>
  eventOffer({ type, priority, ...(organizationId !== undefined && { organizationId }) })

t.test('counts by priority, type and organization, in windows', async (t) => {
  const counts = new ArrivalCounts()
  counts.offered(offerOf('acme'))
  counts.offered(offerOf('acme'))
  const refused = offerOf('umbra', 'reading', 9)
  counts.offered(refused)
  counts.refused(refused, 'circuit-open')
  counts.endWindow(3)
  counts.endWindow(4)
  const head = headOffer(7)
  counts.offered(head)
  counts.refused(head, 'low-priority-shed')
  counts.offered(offerOf('acme'))
  counts.endWindow(5)
  t.strictSame(counts.take(), {
    types: ['reading'],
    organizations: ['acme', 'umbra'],
    kinds: [[5, FIRST_NAME, FIRST_NAME], [9, FIRST_NAME, FIRST_NAME + 1], [7, NO_NAME, NO_NAME]],
    windows: [[3, 0, 2, 0, 1, 1, 1], [5, 2, 1, 1, 0, 1, 0]],
    refusedBy: { 'circuit-open': 1, 'low-priority-shed': 1 }
  })
  const { windows, kinds } = counts.take()
  t.strictSame([windows, kinds], [[], []], 'it begins anew')
})

t.test('counts a refusal that comes later than its offer, and none that is only observed', async (t) => {
  const counts = new ArrivalCounts()
  const calls: string[] = []
  const counters = withArrivals({
    offered: () => calls.push('offered'), admitted: () => calls.push('admitted'), refused: () => calls.push('refused'),
    settled: () => {}, invalid: () => {}, reset: () => {}
  }, counts)
  const [one, other] = [offerOf('acme'), offerOf('umbra')]
  counters.offered(one)
  counters.admitted(one)
  counters.offered(other)
  counts.endWindow(0)
  const refusal = { kind: 'queue', reason: 'queue-unavailable', retryAfterSeconds: 1 } as const
  counters.refused(one, refusal, true)
  counters.refused(other, refusal, false)
  counts.endWindow(1)
  t.strictSame(counts.take().windows, [[0, 0, 1, 0, 1, 1, 0], [1, 0, 0, 1]])
  t.strictSame(calls, ['offered', 'admitted', 'offered', 'refused', 'refused'], 'the others count as before')
})

t.test('a million organizations take no more room than the bound, and no event is lost', async (t) => {
  const counts = new ArrivalCounts()
  let [offered, largest] = [0, 0]
  for (let event = 0; event < 1_000_000; event++) {
    counts.offered(offerOf(`organization-${event}`, `type-${event % 1_000}`, 1 + event % 10))
    if (event % 1_000 !== 999) continue
    counts.endWindow(Math.floor(event / 1_000) % 100)
    if (!counts.isFull) continue
    const record = counts.take()
    t.ok(record.kinds.length <= MOST_KINDS + 10)
    t.ok(record.organizations.length <= MOST_ORGANIZATIONS && record.types.length <= MOST_TYPES)
    largest = Math.max(largest, JSON.stringify(record).length)
    offered += offeredIn(record.windows)
  }
  offered += offeredIn(counts.take().windows)
  t.equal(offered, 1_000_000)
  t.ok(largest < 1_000_000, `${largest} bytes`)
})

t.test('combinations beyond the bound share a kind of their priority', async (t) => {
  const counts = new ArrivalCounts()
  for (let event = 0; event < 60_000; event++) {
    counts.offered(offerOf(`o${event % 500}`, `t${event % 61}`, 1 + event % 10))
  }
  counts.endWindow(0)
  const { kinds, windows } = counts.take()
  t.equal(kinds.length, MOST_KINDS + 10)
  t.equal(new Set(kinds.slice(MOST_KINDS).map(([priority]) => priority)).size, 10)
  t.equal(offeredIn(windows), 60_000)
})

t.test('an organization with a tenth of the events is named among names that never come again', async (t) => {
  const counts = new ArrivalCounts()
  for (let record = 0; record < 3; record++) {
    // In the first record it comes now and then, later only after all others: it keeps its place.
    const isSteady = (event: number) => record === 0 ? event % 10 === 9 : event >= 18_000
    for (let event = 0; event < 20_000; event++) {
      counts.offered(offerOf(isSteady(event) ? 'steady' : `passing-${record}-${event}`))
    }
    counts.endWindow(0)
    const { organizations, kinds, windows } = counts.take()
    const place = organizations.indexOf('steady') + FIRST_NAME
    const kind = kinds.findIndex(([, , organization]) => organization === place)
    const at = windows[0]!.findIndex((value, index) => index % 3 === 1 && value === kind)
    t.equal(windows[0]![at + 1], 2_000, `record ${record}`)
    const others = kinds.findIndex(([, , organization]) => organization === OTHER_NAMES)
    t.ok(others >= 0, 'the others share a kind')
  }
})

t.test('whatever comes, every event is in one kind of its priority', async (t) => {
  const events = fc.array(fc.record({
    priority: fc.integer({ min: 1, max: 10 }),
    type: fc.integer({ min: 0, max: 100 }),
    organization: fc.option(fc.integer({ min: 0, max: 800 }), { nil: undefined })
  }), { maxLength: 3_000 })
  fc.assert(fc.property(fc.array(events, { maxLength: 4 }), (records) => {
    const counts = new ArrivalCounts()
    for (const record of records) {
      const expected = Array.from({ length: 11 }, () => 0)
      for (const { priority, type, organization } of record) {
        counts.offered(offerOf(organization === undefined ? undefined : `o${organization}`, `t${type}`, priority))
        expected[priority]!++
      }
      counts.endWindow(0)
      const { kinds, windows } = counts.take()
      const counted = Array.from({ length: 11 }, () => 0)
      for (const window of windows) {
        for (let index = 1; index < window.length; index += 3) {
          counted[kinds[window[index]!]![0]]! += window[index + 1]!
        }
      }
      t.strictSame(counted, expected)
      t.equal(new Set(kinds.map(String)).size, kinds.length, 'no kind twice')
    }
  }), { numRuns: 20 })
})

function offeredIn (windows: readonly (readonly number[])[]): number {
  let sum = 0
  for (const window of windows) for (let index = 2; index < window.length; index += 3) sum += window[index]!
  return sum
}

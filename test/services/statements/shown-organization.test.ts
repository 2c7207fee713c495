import t from 'tap'
import type { FairShares } from '../../../services/admission/signals.ts'
import { shownOrganization } from '../../../services/statements/shown-organization.ts'
import { decodeStatement, type Statement } from '../../../services/statements/statement.ts'
import { FIELD_INDEX, TALLY_FIELDS, type TallyField } from '../../../services/statements/tally.ts'

const SETTINGS = {
  quotas: {
    default: { eventsPerSecond: 100, burst: 300, weight: 2 },
    organizations: { acme: { eventsPerSecond: 10, weight: 4 }, bytes: { bytesPerSecond: 5 } }
  }
}
const NOW_MS = 1_000_000

/** A statement of a minute, whose counts are also the faded ones. */
function statementOf (counts: Partial<Record<TallyField, number>>): Statement {
  const packed = Buffer.alloc(8 * (2 + 2 * TALLY_FIELDS.length))
  packed.writeDoubleLE(NOW_MS - 60_000, 0)
  packed.writeDoubleLE(NOW_MS, 8)
  for (const [field, events] of Object.entries(counts)) {
    const index = FIELD_INDEX[field as TallyField]
    packed.writeDoubleLE(events, 8 * (2 + index))
    packed.writeDoubleLE(events, 8 * (2 + TALLY_FIELDS.length + index))
  }
  const statement = decodeStatement(packed, NOW_MS)
  if (statement === undefined) throw new Error('the statement is not readable')
  return statement
}

const sharesAt = (level: number): FairShares => ({ above: 0, level, over: () => undefined })
const shown = (
  id: string, statement?: Statement, { fairShares, queued = 100 }: { fairShares?: FairShares, queued?: number } = {}
) => shownOrganization(id, statement, { settings: SETTINGS, fairShares, queued })

t.test('has the quota and the weight of the settings, default values among them', async (t) => {
  t.match(shown('acme'), { weight: 4, quota: { eventsPerSecond: 10, burst: 10 }, ledger: null, offeredPerSecond: 0 })
  t.match(shown('globex'), { weight: 2, quota: { eventsPerSecond: 100, burst: 300 } })
  t.match(shown('bytes'), { quota: { eventsPerSecond: 100, burst: 300, bytesPerSecond: 5 } })
  t.equal(shownOrganization('acme', undefined, { settings: {}, fairShares: undefined, queued: 0 }).quota, null)
})

t.test('has a share while fair shares are in force, in proportion to the weight', async (t) => {
  t.equal(shown('acme').share, null)
  t.equal(shown('acme', undefined, { fairShares: sharesAt(25) }).share, 100)
  t.equal(shown('globex', undefined, { fairShares: sharesAt(25) }).share, 50)
  t.equal(shown('acme', undefined, { fairShares: sharesAt(Infinity) }).share, null, 'there is enough for all')
})

t.test('has the events in the queue, no fewer than none and no more than the queue', async (t) => {
  const counts = { enqueued: 50, returned: 5, done: 20, deadLettered: 3, expired: 2, adjusted: -1 }
  t.equal(shown('acme', statementOf(counts)).queued, 29)
  t.equal(shown('acme', statementOf({ enqueued: 5, done: 9 })).queued, 0)
  t.equal(shown('acme', statementOf({ enqueued: 500 }), { queued: 70 }).queued, 70)
})

t.test('tells apart why events are refused', async (t) => {
  const { ledger, ...rates } = shown('acme', statementOf({
    enqueued: 1_000,
    duplicate: 500,
    shed: 400,
    overShare: 300,
    wouldExpire: 200,
    quota: 600,
    forbidden: 100,
    invalid: 50
  }))
  // At 5 s half-life a faded count of a hundred is a rate of 13.9.
  t.match(rates, {
    offeredPerSecond: 395.2, admittedPerSecond: 208, shedPerSecond: 83.2, quotaRefusedPerSecond: 83.2
  })
  t.match(rates.refusedPerSecond, {
    load: 13.9, fairShare: 41.6, deadline: 27.7, quota: 83.2, forbidden: 13.9, invalid: 6.9
  })
  t.match(ledger, {
    received: 2_850, shed: 400, since: '1970-01-01T00:15:40.000Z', bookedAt: '1970-01-01T00:16:40.000Z'
  })
})

t.test('a statement that is not packed as expected is none', async (t) => {
  t.equal(decodeStatement(null, NOW_MS), undefined)
  t.equal(decodeStatement(Buffer.alloc(8), NOW_MS), undefined)
  const noNumbers = Buffer.alloc(8 * (2 + 2 * TALLY_FIELDS.length), 0xff)
  t.equal(decodeStatement(noNumbers, NOW_MS), undefined)
})

import t from 'tap'
import { CONSEQUENCES, REFUSAL_KINDS, refusalStatuses } from '../../../services/admission/refusal.ts'

const LOAD_TYPE = 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity'

t.test('SHED_STATUS is the status of load and of nothing else, and no status changes the type', async (t) => {
  const table = {
    503: { load: 503, queue: 503, deadline: 503, quota: 429, forbidden: 403 },
    429: { load: 429, queue: 503, deadline: 429, quota: 429, forbidden: 403 }
  } as const
  for (const [shedStatus, statuses] of Object.entries(table)) {
    t.strictSame(refusalStatuses(shedStatus as '503' | '429'), statuses, shedStatus)
    t.strictSame(new Set(Object.keys(statuses)), new Set(REFUSAL_KINDS))
  }
  for (const kind of ['load', 'queue', 'deadline'] as const) t.equal(CONSEQUENCES[kind].problemType, LOAD_TYPE, kind)
  t.not(CONSEQUENCES.quota.problemType, LOAD_TYPE, 'the type tells a 429 of a quota from one of load')
})

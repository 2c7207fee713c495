import t from 'tap'
import { weightOf } from '../../../services/organizations/fair-weight.ts'

t.test('a weight is that of the organization, or of all, or 1', async (t) => {
  const quotas = { default: { weight: 2 }, organizations: { acme: { weight: 5 }, other: {} } }
  t.strictSame(['acme', 'other', 'unknown', 'toString'].map((id) => weightOf({ quotas }, id)), [5, 2, 2, 2])
  t.strictSame([weightOf({}, 'acme'), weightOf({ quotas: {} }, 'acme')], [1, 1])
})

import t from 'tap'
import { SHED_LINES } from '../../../dashboard/charts/shed-lines.js'
import { meaningOf } from '../../../dashboard/figures/reason.js'
import { isAboutLoad } from '../../../services/admission/refusal.ts'
import { loadPolicyModules } from '../../services/admission/load.ts'

t.test('every policy has a meaning, and if it sheds a line of its own', async (t) => {
  const policies = await loadPolicyModules()
  t.ok(policies.length > 4)
  for (const { name: reason, value: { kind } } of policies) {
    t.type(meaningOf(reason), 'string', reason)
    t.equal(SHED_LINES.some(({ name }) => name === reason), isAboutLoad(kind ?? 'load'), reason)
  }
})

t.test('what is not known has none', async (t) => {
  t.equal(meaningOf('of-our-own'), undefined)
  t.equal(meaningOf('constructor'), undefined)
})

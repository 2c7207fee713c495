import t from 'tap'
import { isSheddingPolicy } from '../../../services/admission/policy.ts'
import { loadPolicies } from './load.ts'

const fine = { rank: 1, spools: false, refuses: () => false, readmitsAtDepth: () => 0 }

t.test('tells policies from anything else', async (t) => {
  t.equal(isSheddingPolicy(fine), true)
  const others: unknown[] = [
    undefined, null, 'policy', () => fine, {}, { ...fine, rank: '1' }, { ...fine, rank: NaN }, { ...fine, spools: undefined }, { ...fine, refuses: true }, { ...fine, readmitsAtDepth: undefined }
  ]
  for (const other of others) t.equal(isSheddingPolicy(other), false)
})

t.test('the policies are asked in this order', async (t) => {
  const policies = (await loadPolicies()).toSorted((a, b) => a.rank - b.rank)
  t.strictSame(policies.map(({ reason }) => reason), [
    'queue-full', 'queue-unavailable', 'queue-bytes', 'circuit-open', 'low-priority-shed', 'process-overloaded',
    'bodies-in-flight'
  ])
})

t.test('no two policies share a rank', async (t) => {
  const ranks = (await loadPolicies()).map(({ rank }) => rank)
  t.equal(new Set(ranks).size, ranks.length)
})

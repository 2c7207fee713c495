import t from 'tap'
import { describeFilter, listPath, replayFilter } from '../../../dashboard/actions/dead-letter-query.js'
import { parseList, parseReplay } from '../../../services/dead-letters/dead-letter-query.ts'

const FILTERS = [{ reason: '', type: '' }, { reason: 'refused', type: '' }, { reason: '', type: 'a & b' }, {
  reason: 'attempts-exhausted',
  type: 'x'
}]

t.test('asks what the service understands', async (t) => {
  for (const filter of FILTERS) {
    const query = Object.fromEntries(new URL(listPath(filter, undefined, 50), 'http://host').searchParams)
    const list = parseList(query)
    t.match(list, { ok: true, value: { limit: 50, filter: replayFilter(filter) } })
    t.equal(parseReplay({ filter: replayFilter(filter), dryRun: true }).ok, true)
  }
  t.match(listPath({ reason: '', type: '' }, 'next', 1), /cursor=next/)
})

t.test('says which dead letters are meant', async (t) => {
  t.strictSame(FILTERS.map(describeFilter), [
    'All dead letters are',
    'All dead letters with the reason refused are',
    'All dead letters of type a & b are',
    'All dead letters with the reason attempts-exhausted and of type x are'
  ])
})

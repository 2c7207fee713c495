import t from 'tap'
import { parseDeletion, parseList, parseReplay } from '../../../services/dead-letters/dead-letter-query.ts'

t.test('times of filters are those of RFC 3339, in every question', async (t) => {
  for (
    const time of [
      '2026-03-01T10:00:00+0530',
      '2026-03-01T10:00:00+05',
      '2026-03-01T10:00:00-0000',
      '2026-03-01 10:00:00Z',
      'now'
    ]
  ) {
    for (const field of ['from', 'to']) {
      t.match(
        parseList({ [field]: time }),
        { ok: false, errors: [{ field, message: /RFC 3339, such as/ }] },
        `${field} ${time}`
      )
      t.match(parseDeletion({ [field]: time }), { ok: false, errors: [{ field }] })
      t.match(parseReplay({ filter: { [field]: time } }), { ok: false, errors: [{ field: `filter.${field}` }] })
    }
  }
  t.match(parseList({ from: '2026-03-01T10:00:00+05:30' }), {
    ok: true,
    value: { filter: { from: Date.UTC(2026, 2, 1, 4, 30) } }
  })
  t.match(parseList({ to: '2026-03-01T10:00:00-00:00' }), {
    ok: true,
    value: { filter: { to: Date.UTC(2026, 2, 1, 10) } }
  })
})

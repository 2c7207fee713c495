import t from 'tap'
import { silence } from '../../../bench/forecast/silence.ts'

t.test('follows each kind of walk as often as it is told to, and finds no forecast to trust', async (t) => {
  const rows = silence(1, [10])
  t.ok(rows.length >= 4)
  for (const row of rows) t.match(row, { series: 1, opened: 0, openShare: 0 })
})

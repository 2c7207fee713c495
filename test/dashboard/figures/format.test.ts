import t from 'tap'
import {
  formatAgo,
  formatBytes,
  formatClock,
  formatCount,
  formatDate,
  formatDuration,
  formatList,
  formatPlural,
  formatRate,
  formatRoughDuration,
  formatShortCount
} from '../../../dashboard/figures/format.js'

/** A function, its arguments, and what it answers. */
function table<Input> (name: string, format: (input: Input) => string, rows: [Input, string][]): void {
  t.test(name, async (t) => { for (const [input, text] of rows) t.equal(format(input), text) })
}

table('what is not known is never a zero', formatCount, [[null, 'unknown'], [undefined, 'unknown'], [0, '0']])
table('counts have separators', formatCount, [[61_200, '61,200'], [999, '999'], [1_000_000, '1,000,000']])
table('axes have short counts', formatShortCount, [[0, '0'], [0.5, '0.5'], [950, '950'], [61_200, '61.2k'], [
  2_000_000,
  '2M'
]])
table('small rates have a digit', formatRate, [[null, 'unknown'], [0, '0'], [0.25, '0.3'], [9.96, '10'], [12.6, '13'], [
  1_234,
  '1,234'
]])
table('durations have two units', formatDuration, [
  [null, 'unknown'],
  [0, '0 s'],
  [0.42, '0.4 s'],
  [-1, '0 s'],
  [9.94, '9.9 s'],
  [10, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [200, '3 min 20 s'],
  [3_600, '1 h'],
  [3_900, '1 h 5 min'],
  [86_399, '23 h 59 min'],
  [86_400, '1 d'],
  [100_000, '1 d 3 h']
])
table('estimates have one unit', formatRoughDuration, [
  [0.2, 'under a second'],
  [1, '1 s'],
  [89, '89 s'],
  [170, '3 min'],
  [7_200, '2 h'],
  [200_000, '2 d']
])
table('bytes are in powers of 1,024', formatBytes, [[0, '0 B'], [1_023, '1,023 B'], [1_536, '1.5 KiB'], [
  268_435_456,
  '256 MiB'
], [2 ** 50, '1,024 TiB']])
table('words are listed', formatList, [[[], ''], [['low'], 'low'], [['low', 'normal'], 'low and normal'], [[
  'low',
  'normal',
  'critical'
], 'low, normal and critical']])

t.test('one is singular', async (t) => {
  t.strictSame([0, 1, 2_000].map((count) => formatPlural(count, 'event')), ['0 events', '1 event', '2,000 events'])
})

t.test('times are those of the reader, from 0 to 23', async (t) => {
  const midnight = Date.UTC(2026, 6, 1)
  t.equal(formatClock(midnight, { timeZone: 'UTC' }), '00:00')
  t.equal(formatClock(midnight, { timeZone: 'Asia/Kolkata', withSeconds: true }), '05:30:00')
})

t.test('a date has its year, and an age is in one unit', async (t) => {
  const time = Date.parse('2026-11-29T14:02:31Z')
  t.equal(formatDate(time, 'UTC'), '29 Nov 2026, 14:02:31')
  t.equal(formatDate(time, 'Asia/Kolkata'), '29 Nov 2026, 19:32:31')
  t.equal(formatAgo(time, time + 999), 'just now')
  t.equal(formatAgo(time, time + 200_000), '3 min ago')
  t.equal(formatAgo(time, time + 3 * 86_400_000), '3 d ago')
  t.equal(formatAgo(time, time - 5_000), 'just now', 'the clock of the reader may be behind')
})

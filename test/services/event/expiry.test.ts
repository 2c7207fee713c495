import t from 'tap'
import { epochMsOf, hasExpired } from '../../../services/event/expiry.ts'

t.test('reads every time of RFC 3339', async (t) => {
  const table: [text: string, iso: string][] = [
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01t10:00:00z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T15:30:00.25+05:30', '2026-03-01T10:00:00.250Z'],
    ['2026-03-01T10:00:00.123456789Z', '2026-03-01T10:00:00.123Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2017-01-01T00:59:60.5+01:00', '2017-01-01T00:00:00.500Z']
  ]
  for (const [text, iso] of table) t.equal(new Date(epochMsOf(text)).toISOString(), iso, text)
})

t.test('a deadline has passed once its time has come, less a margin', async (t) => {
  const event = { expiresAt: '1970-01-01T00:00:10Z' }
  const table = [[9_999, 0, false], [10_000, 0, true], [9_950, 50, true], [9_949, 50, false]] as const
  for (const [now, marginMs, expected] of table) {
    t.equal(hasExpired(event, () => now, marginMs), expected, `${now}, ${marginMs}`)
  }
  t.equal(hasExpired({}, () => { throw new Error('no clock is read without a deadline') }), false)
})

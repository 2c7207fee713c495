import fc from 'fast-check'
import t from 'tap'
import {
  DEFAULT_RETRY_AFTER_MS,
  MIN_RETRY_AFTER_MS,
  retryAfterMs
} from '../../../services/delivery/retry-after-header.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const MOST_MS = 300_000

const cases: [header: string | null, waitMs: number][] = [
  [null, DEFAULT_RETRY_AFTER_MS],
  ['', DEFAULT_RETRY_AFTER_MS],
  ['1', 1_000],
  [' 30 ', 30_000],
  ['0', MIN_RETRY_AFTER_MS],
  ['300', MOST_MS],
  ['301', MOST_MS],
  ['1000000000', MOST_MS],
  ['9'.repeat(400), MOST_MS],
  ['Sun, 01 Mar 2026 12:00:05 GMT', 5_000],
  ['Sunday, 01-Mar-26 12:00:05 GMT', 5_000],
  ['Sun Mar  1 12:00:05 2026', 5_000],
  ['Sun Mar 01 12:00:05 2026', 5_000],
  ['Sun Nov  6 08:49:37 1994', MIN_RETRY_AFTER_MS],
  ['Sunday, 06-Nov-94 08:49:37 GMT', MIN_RETRY_AFTER_MS],
  ['Sunday, 01-Mar-76 12:00:00 GMT', MOST_MS],
  ['Sun, 01 Mar 2026 11:59:00 GMT', MIN_RETRY_AFTER_MS],
  ['Mon, 02 Mar 2026 12:00:00 GMT', MOST_MS],
  ['Sun, 01 Foo 2026 12:00:05 GMT', DEFAULT_RETRY_AFTER_MS],
  ['Sun, 01 Mar 2026 25:00:05 GMT', DEFAULT_RETRY_AFTER_MS],
  ['Someday, soon GMT', DEFAULT_RETRY_AFTER_MS],
  ['-1', DEFAULT_RETRY_AFTER_MS],
  ['1.5', DEFAULT_RETRY_AFTER_MS],
  ['2026-03-01T12:00:05Z', DEFAULT_RETRY_AFTER_MS],
  ['soon', DEFAULT_RETRY_AFTER_MS]
]

t.test('reads seconds and the three forms of HTTP dates, whatever the time zone, and takes anything else for no answer', async (t) => {
  const zone = process.env.TZ
  t.teardown(() => { if (zone === undefined) delete process.env.TZ; else process.env.TZ = zone })
  for (const TZ of ['UTC', 'Pacific/Auckland']) {
    process.env.TZ = TZ
    for (const [header, waitMs] of cases) {
      t.equal(retryAfterMs(header, NOW, MOST_MS), waitMs, `${TZ} ${JSON.stringify(header)?.slice(0, 40)}`)
    }
  }
})

t.test('never waits longer than the limit, even where that is shorter than the default', async (t) => {
  t.equal(retryAfterMs(null, NOW, 100), 100)
  t.equal(retryAfterMs('0', NOW, 100), 100)
})

t.test('stays within its bounds whatever the header says', async () => {
  fc.assert(fc.property(fc.option(fc.oneof(fc.string(), fc.bigInt().map(String))), fc.nat(), (header, now) => {
    const waitMs = retryAfterMs(header, now, MOST_MS)
    return waitMs >= MIN_RETRY_AFTER_MS && waitMs <= MOST_MS
  }))
})

import fc from 'fast-check'
import t from 'tap'
import { DEFAULT_RETRY_AFTER_MS, MAX_RETRY_AFTER_MS, MIN_RETRY_AFTER_MS, retryAfterMs } from '../../../services/delivery/retry-after.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')

const cases: [header: string | null, waitMs: number][] = [
  [null, DEFAULT_RETRY_AFTER_MS],
  ['', DEFAULT_RETRY_AFTER_MS],
  ['1', 1_000],
  [' 30 ', 30_000],
  ['0', MIN_RETRY_AFTER_MS],
  ['3600', MAX_RETRY_AFTER_MS],
  ['3601', MAX_RETRY_AFTER_MS],
  ['9'.repeat(400), MAX_RETRY_AFTER_MS],
  ['Sun, 01 Mar 2026 12:00:05 GMT', 5_000],
  ['Sunday, 01-Mar-26 12:00:05 GMT', 5_000],
  ['Sun, 01 Mar 2026 11:59:00 GMT', MIN_RETRY_AFTER_MS],
  ['Mon, 02 Mar 2026 12:00:00 GMT', MAX_RETRY_AFTER_MS],
  ['Someday, soon GMT', DEFAULT_RETRY_AFTER_MS],
  ['-1', DEFAULT_RETRY_AFTER_MS],
  ['1.5', DEFAULT_RETRY_AFTER_MS],
  ['2026-03-01T12:00:05Z', DEFAULT_RETRY_AFTER_MS],
  ['soon', DEFAULT_RETRY_AFTER_MS]
]

t.test('reads seconds and HTTP dates, and takes anything else for no answer', async (t) => {
  for (const [header, waitMs] of cases) t.equal(retryAfterMs(header, NOW), waitMs, JSON.stringify(header)?.slice(0, 40))
})

t.test('stays within its bounds whatever the header says', async () => {
  fc.assert(fc.property(fc.option(fc.oneof(fc.string(), fc.bigInt().map(String))), fc.nat(), (header, now) => {
    const waitMs = retryAfterMs(header, now)
    return waitMs >= MIN_RETRY_AFTER_MS && waitMs <= MAX_RETRY_AFTER_MS
  }))
})

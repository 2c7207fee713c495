import { error, ok, warning, type Check } from '../finding.ts'
import { detailsOf } from '../redis-details.ts'

/** After so many intervals without a reading the depth counts as unknown. */
const INTERVALS_UNTIL_STALE = 3

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined || redis.pingMs.length === 0) return []
  const sorted = redis.pingMs.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] as number
  const slowest = sorted.at(-1) as number
  const interval = facts.config.QUEUE_SAMPLE_INTERVAL_MS
  const what = `the median PING takes ${median.toFixed(1)} ms, the slowest of ${sorted.length} takes ${
    slowest.toFixed(1)
  } ms`
  const why =
    `a reading of the queue that takes longer than ${INTERVALS_UNTIL_STALE} × QUEUE_SAMPLE_INTERVAL_MS counts as failed, and Spillway refuses normal and low events until the next`
  const remedy = `QUEUE_SAMPLE_INTERVAL_MS=${
    Math.min(10_000, Math.ceil(median * 10 / 100) * 100)
  }, or use a nearer Redis`
  if (median >= interval * INTERVALS_UNTIL_STALE) return [error(what, why, remedy)]
  return [median * 2 >= interval ? warning(what, why, remedy) : ok(what)]
}

export default check

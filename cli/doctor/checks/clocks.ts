import { duration } from '../../paint.ts'
import { error, ok, warning, type Check, type Finding } from '../finding.ts'
import { detailsOf } from '../redis-details.ts'

const WARNING_MS = 1_000
const ERROR_MS = 30_000

/** A Date header has whole seconds. */
const HEADER_PRECISION_MS = 1_000

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  const { service } = facts
  return [
    ...redis === undefined ? [] : [judge('Redis', redis.clockAheadMs, redis.clockPrecisionMs)],
    ...service.state !== 'reached' || service.clockAheadMs === undefined
      ? []
      : [judge('the service', service.clockAheadMs, HEADER_PRECISION_MS)]
  ]
}

function judge (whose: string, aheadMs: number, precisionMs: number): Finding {
  // A difference within the duration of the request is no skew.
  const skewMs = Math.max(0, Math.abs(aheadMs) - precisionMs)
  if (skewMs < WARNING_MS) return ok(`the clock of ${whose} agrees with this one`)
  const what = `the clock of ${whose} is ${duration(skewMs / 1_000)} ${aheadMs > 0 ? 'ahead of' : 'behind'} this one`
  const why =
    'dead letters have the time of Redis, and deadlines are held against it: events expire early or late by the ' +
    'difference'
  const remedy = 'synchronize both with NTP: timedatectl set-ntp true'
  return skewMs < ERROR_MS ? warning(what, why, remedy) : error(what, why, remedy)
}

export default check

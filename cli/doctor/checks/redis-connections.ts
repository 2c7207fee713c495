import { ok, warning, type Check } from '../finding.ts'
import { detailsOf, numberOf, setting } from '../redis-details.ts'

const TIGHT_SHARE = 0.8

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  const most = numberOf(setting(redis, 'maxclients', 'maxclients'))
  const now = numberOf(redis.info?.connected_clients)
  if (most === undefined || now === undefined) {
    return [
      warning(
        'the limit on connections is unknown: Redis refuses CONFIG and INFO',
        'a process without a connection cannot work',
        'look it up in the console of the provider; each Spillway process needs a handful'
      )
    ]
  }
  if (now < most * TIGHT_SHARE) return [ok(`${now} of ${most} connections are in use`)]
  return [
    warning(
      `${now} of ${most} connections are in use`,
      'a process without a connection can neither store nor process events',
      `CONFIG SET maxclients ${most * 2}, and find out which clients hold them: CLIENT LIST`
    )
  ]
}

export default check

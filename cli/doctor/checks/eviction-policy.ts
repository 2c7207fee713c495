import { error, ok, warning, type Check } from '../finding.ts'
import { detailsOf, setting } from '../redis-details.ts'

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  const policy = setting(redis, 'maxmemory-policy', 'maxmemory_policy')
  if (policy === undefined) {
    return [
      warning(
        'the eviction policy is unknown: Redis refuses CONFIG and INFO',
        'every policy except noeviction deletes accepted events when memory runs out',
        'look it up in the console of the provider: maxmemory-policy has to be noeviction'
      )
    ]
  }
  if (policy === 'noeviction') return [ok('eviction policy noeviction')]
  return [error(
    `eviction policy ${policy}`,
    'when memory runs out, Redis deletes keys instead of refusing writes: accepted events are lost silently',
    'CONFIG SET maxmemory-policy noeviction, and set it in redis.conf: maxmemory-policy noeviction'
  )]
}

export default check

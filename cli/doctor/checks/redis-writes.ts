import { error, ok, type Check } from '../finding.ts'
import { keyPatternOf } from '../../../services/queue/keys.ts'
import { detailsOf } from '../redis-details.ts'

/** Remedies by the first word of the error with which Redis refuses a write. */
const REMEDIES: Readonly<Record<string, (namespace: string) => string>> = {
  READONLY: () => 'this is a replica: point REDIS_URL at the master (INFO replication names it)',
  OOM: () => 'memory is full: raise maxmemory with CONFIG SET, or let workers drain the queue',
  MISCONF: () => 'its disk fails: free space there, then check the log of Redis',
  NOPERM: (namespace) => `ACL SETUSER for this user: ${keyPatternOf(namespace)} +set, and what redis-permissions names`
}

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  if (redis.writeError === undefined) return [ok('Redis accepts writes')]
  const [word = ''] = redis.writeError.split(' ')
  return [
    error(
      `Redis refuses writes: ${redis.writeError}`,
      'events cannot be stored',
      REMEDIES[word]?.(facts.config.NAMESPACE) ?? 'see the log of Redis'
    )
  ]
}

export default check

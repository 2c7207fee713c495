import { ok, warning, type Check } from '../finding.ts'
import { detailsOf, numberOf, setting } from '../redis-details.ts'

const TIGHT_SHARE = 0.8

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  const most = numberOf(setting(redis, 'maxclients', 'maxclients'))
  const now = numberOf(redis.info?.connected_clients)
  if (most === undefined || now === undefined) {
    return [warning('the limit of connections is unknown: CONFIG and INFO may not be read', 'a process that gets none cannot work', 'look it up in the console of the provider; Spillway takes a handful for each process')]
  }
  if (now < most * TIGHT_SHARE) return [ok(`${now} of ${most} connections are in use`)]
  return [warning(`${now} of ${most} connections are in use`, 'a process that gets none cannot store or work', `CONFIG SET maxclients ${most * 2}, and find out who holds them: CLIENT LIST`)]
}

export default check

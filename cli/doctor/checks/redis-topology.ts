import { error, ok, warning, type Check, type Finding } from '../finding.ts'
import { QueueKeys } from '../../../services/queue/keys.ts'
import { detailsOf } from '../redis-details.ts'

const check: Check = (facts) => {
  const info = detailsOf(facts)?.info
  if (info === undefined) return []
  const found: Finding[] = []
  if (info.cluster_enabled === '1') {
    found
      .push(error(
        'this Redis is a node of a Cluster',
        `Spillway does not follow its redirects: all its keys have the hash tag ${
          new QueueKeys(facts.config.NAMESPACE).root
        } and are in one slot of one node`,
        'point REDIS_URL at a Redis that is not a Cluster'
      ))
  }
  if (info.role === 'slave') {
    found
      .push(error(
        `this Redis is a replica of ${info.master_host}:${info.master_port}`,
        'a replica refuses writes',
        'point REDIS_URL at the master, or set REDIS_SENTINELS'
      ))
  }
  if (info.role === 'master' && Number(info.connected_slaves) > 0) {
    found
      .push(warning(
        `${info.connected_slaves} replicas follow this Redis`,
        'replication is asynchronous: a failover loses events that were answered 202 but not yet replicated',
        'CONFIG SET min-replicas-to-write 1 bounds the loss, but refuses writes while no replica follows'
      ))
  }
  return found.length > 0 ? found : [ok('a single Redis, not a Cluster')]
}

export default check

import { error, ok, warning, type Check, type Finding } from '../finding.ts'
import type { ClusterFacts } from '../facts.ts'
import { detailsOf } from '../redis-details.ts'

const check: Check = (facts) => {
  const { info, cluster } = detailsOf(facts) ?? {}
  const found: Finding[] = cluster === undefined ? [] : findingsOf(cluster)
  if (info?.cluster_enabled === '1' && cluster === undefined) {
    found
      .push(error(
        'this Redis is a node of a Cluster',
        'with REDIS_URL alone Spillway stays with this node, which refuses the keys that other nodes have',
        'set REDIS_CLUSTER_NODES to some nodes of the Cluster, such as 10.0.0.1:6379,10.0.0.2:6379'
      ))
  }
  if (info?.role === 'slave') {
    found
      .push(error(
        `this Redis is a replica of ${info.master_host}:${info.master_port}`,
        'a replica refuses writes',
        'point REDIS_URL at the master, or set REDIS_SENTINELS or REDIS_CLUSTER_NODES'
      ))
  }
  const replicas = Number(info?.connected_slaves)
  if (info?.role === 'master' && replicas > 0) {
    found
      .push(warning(
        `${replicas} ${replicas === 1 ? 'replica follows' : 'replicas follow'} this Redis`,
        'replication is asynchronous: a failover loses events that were answered 202 but not yet replicated',
        'CONFIG SET min-replicas-to-write 1 bounds the loss, but refuses writes while no replica follows'
      ))
  } else if (info?.role === 'master' && cluster !== undefined) {
    found
      .push(warning(
        `no replica follows ${cluster.owner}, which has the queue`,
        'if that master ends, no node takes its place, and the queue is away until it is back',
        'give each master of the Cluster a replica'
      ))
  }
  return found.length > 0 || info === undefined ? found : [ok('a single Redis, not a Cluster')]
}

function findingsOf ({ state, masters, replicas, slot, owner }: ClusterFacts): Finding[] {
  const size = `a Cluster of ${masters} masters and ${replicas} replicas`
  if (state === 'ok') return [ok(`${size}; ${owner} has the queue, in slot ${slot}`)]
  return [error(
    `${size} reports cluster_state:${state}; ${owner} has the queue, in slot ${slot}`,
    'a Cluster in this state refuses commands: a slot has no master, or most masters are away',
    'redis-cli --cluster check on one of its nodes names the slots; bring back their masters'
  )]
}

export default check

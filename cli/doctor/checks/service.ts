import { count, duration } from '../../paint.ts'
import { consumerWait, standstill } from '../../queue-status.ts'
import type { ServiceFacts } from '../facts.ts'
import { error, ok, warning, type Check, type Finding } from '../finding.ts'

const check: Check = ({ service, config }) => {
  if (service.state === 'unreachable') {
    return [warning(service.reason, 'how it runs, its drain rate and its ledger were not looked at', 'npm start, or --url')]
  }
  const { queue, workers, backpressure } = service.queue
  const found: Finding[] = []
  const staleMs = 3 * config.QUEUE_SAMPLE_INTERVAL_MS
  if (queue.totalPending === null || queue.snapshotAgeMs > Math.max(staleMs, 1_000)) {
    found.push(error(`the service cannot read its queue; its last reading is ${duration(queue.snapshotAgeMs / 1_000)} old`, 'it refuses all but critical events', 'see redis-reachable and redis-latency, and its log: redis-error'))
  }
  const obstacle = standstill(service.queue)
  if (obstacle !== undefined) found.push(warning(obstacle, `nothing is worked off; ${count(queue.totalPending ?? 0)} events are waiting`, workers.count === 0 ? 'npm run worker, with the same environment' : 'POST /api/v1/workers/resume'))
  const wait = consumerWait(service.queue)
  if (wait !== undefined) found.push(warning(wait, 'nothing is delivered meanwhile', 'see the consumer, and the log of the workers: consumer-unavailable'))
  if (backpressure.circuitState !== 'CLOSED') found.push(warning(`the circuit is ${backpressure.circuitState}`, 'load is being refused', 'spillway status --watch shows when it will be over; more workers make it sooner'))
  found.push(...otherThresholds(service, config), ...imbalance(service))
  return found.length > 0 ? found : [ok(`the service at ${service.url} is ${queue.health}, with ${count(workers.count)} ${workers.count === 1 ? 'worker' : 'workers'}`)]
}

function otherThresholds ({ queue: { backpressure: { thresholds } } }: Extract<ServiceFacts, { state: 'reached' }>, config: Parameters<Check>[0]['config']): Finding[] {
  const pairs = [
    ['QUEUE_RECOVERY_THRESHOLD', thresholds.recovery], ['QUEUE_WARNING_THRESHOLD', thresholds.warning],
    ['QUEUE_CRITICAL_THRESHOLD', thresholds.critical], ['QUEUE_HARD_LIMIT', thresholds.hardLimit]
  ] as const
  const others = pairs.filter(([key, value]) => config[key] !== value)
  if (others.length === 0) return []
  return [warning(
    `the service runs with ${others.map(([key, value]) => `${key}=${value}`).join(', ')}, here it would be ${others.map(([key]) => config[key]).join(', ')}`,
    'this environment is not that of the service, so the other findings may not be about it', 'run spillway doctor with the environment of the service'
  )]
}

function imbalance ({ ledgerImbalance }: Extract<ServiceFacts, { state: 'reached' }>): Finding[] {
  return Object.entries(ledgerImbalance).filter(([, events]) => events !== 0).map(([side, events]) => error(
    `the ledger is off by ${events} events on the side of the ${side}`, 'events were lost, doubled or not counted', 'keep the log and the data of Redis, look for errors in it; docs/RELIABILITY.md has the laws'
  ))
}

export default check

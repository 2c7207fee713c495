import { lastDepth, outage, type QueueStatus } from '../../queue-status.ts'
import type { ServiceFacts } from '../facts.ts'
import { error, ok, warning, type Check, type Finding } from '../finding.ts'
import { counted } from '../../../services/terminal/counted.ts'

const check: Check = ({ service, config }) => {
  if (service.state === 'unreachable') {
    return [
      warning(
        service.reason,
        'doctor did not check its state, its drain rate and its ledger',
        'start it with npm start, or name its address with --url, and that of its ADMIN_PORT with --admin-url'
      )
    ]
  }
  const { queue, workers, backpressure, isKnown } = service.queue
  const found: Finding[] = []
  const lost = outage(service.queue)
  if (lost !== undefined) {
    found.push(
      error(
        `the service says that ${lost}`,
        `it refuses all but critical events; the number of waiting events is unknown, ${lastFigures(service.queue)}`,
        'see redis-reachable and redis-latency, and its log for queue-unavailable'
      )
    )
  }
  for (const { text, remedy, stops } of workers.problems) {
    found.push(warning(text, consequenceOf(stops, queue.totalPending), remedy))
  }
  if (isKnown && backpressure.circuitState !== 'CLOSED') {
    found.push(warning(
      `the circuit is ${backpressure.circuitState}`,
      backpressure.circuitCause === 'bytes'
        ? 'Spillway refuses load because of the bytes in Redis'
        : 'Spillway refuses load',
      'npx spillway status --watch estimates when it closes; more workers drain the queue sooner'
    ))
  }
  found.push(...otherThresholds(service, config), ...imbalance(service))
  return found.length > 0
    ? found
    : [
      ok(`the service at ${service.url} is ${queue.health}, with ${counted(workers.count ?? 0, 'worker')}`)
    ]
}

function consequenceOf (stops: string, waiting: number | null): string {
  if (stops === 'all') {
    if (waiting === null) return 'nothing is processed; an unknown number of events are in the queue'
    return `nothing is processed; ${counted(waiting, 'event')} ${waiting === 1 ? 'is' : 'are'} in the queue`
  }
  return stops === 'some'
    ? 'the other workers do its share'
    : 'the worker that takes an event decides what happens to it'
}

function lastFigures (status: QueueStatus): string {
  const { lastKnown } = status
  return lastKnown === null
    ? lastDepth(status)
    : `${lastDepth(status)}, with ${counted(lastKnown.workers, 'worker')} and the circuit ${lastKnown.circuitState}`
}

function otherThresholds (
  { queue: { backpressure: { thresholds, settingsVersion = 0 } } }: Extract<ServiceFacts, { state: 'reached' }>,
  config: Parameters<Check>[0]['config']
): Finding[] {
  const pairs = [
    ['QUEUE_RECOVERY_THRESHOLD', thresholds.recovery], ['QUEUE_WARNING_THRESHOLD', thresholds.warning],
    ['QUEUE_CRITICAL_THRESHOLD', thresholds.critical], ['QUEUE_HARD_LIMIT', thresholds.hardLimit]
  ] as const
  const others = pairs.filter(([key, value]) => config[key] !== value)
  if (others.length === 0) return []
  if (settingsVersion > 0) {
    return [
      ok(`operators have changed the settings, version ${settingsVersion}: the service runs with ${
        others.map(([key, value]) => `${key}=${value}`).join(', ')
      }; see npx spillway settings history`)
    ]
  }
  return [warning(
    `the service runs with ${
      others.map(([key, value]) => `${key}=${value}`).join(', ')
    }; with this environment it would be ${others.map(([key]) => config[key]).join(', ')}`,
    'this environment differs from that of the service, so the other findings may not apply to it',
    'run npx spillway doctor with the environment of the service'
  )]
}

function imbalance ({ ledgerImbalance, queue: { isKnown } }: Extract<ServiceFacts, { state: 'reached' }>): Finding[] {
  return Object.entries(ledgerImbalance).filter(([, events]) => events !== 0).map(([side, events]) =>
    error(
      `the ledger ${isKnown ? 'is' : 'was, when it was last read,'} off by ${counted(events, 'event')} on the side of the ${side}`,
      'events were lost, doubled or not counted',
      'keep the log and the data of Redis, and look for errors in the log; see docs/RELIABILITY.md'
    )
  )
}

export default check

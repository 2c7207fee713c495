import type { Registry } from '@prometheus-io/client'
import type { Connections } from '../connections/connections.ts'
import { showCounter, showGauge } from './shown.ts'

/** Shows the number of connections of this process, their bound, and why it ended others. */
export function registerConnectionMetrics (
  registry: Registry, connections: Pick<Connections, 'count' | 'most' | 'totals'>
): void {
  showGauge(registry, {
    name: 'spillway_connections', help: 'Open connections of clients to this process', read: () => connections.count
  })
  showGauge(registry, {
    name: 'spillway_connections_max', help: 'Most connections of clients to this process', read: () => connections.most
  })
  showCounter(registry, {
    name: 'spillway_connections_ended_total',
    help: 'Connections that this process refused or ended because they were beyond a bound',
    label: 'reason',
    read: () => connections.totals
  })
}

import { Counter, Gauge, type Registry } from '@prometheus-io/client'
import { ENDINGS, type Ending } from '../connections/connection.ts'

/** The shown part of the connections of a process. */
interface ShownConnections {
  readonly count: number
  readonly most: number
  readonly totals: Readonly<Record<Ending, number>>
}

/** Shows how many connections this process has and may have, and why it ended others. */
export function registerConnectionMetrics (registry: Registry, connections: ShownConnections): void {
  const open: Gauge = new Gauge({
    name: 'spillway_connections',
    help: 'Open connections of clients to this process',
    registers: [registry],
    collect: () => open.set(connections.count)
  })
  new Gauge({
    name: 'spillway_connections_max', help: 'Most connections of clients to this process', registers: [registry]
  }).set(connections.most)
  const ended: Counter<'reason'> = new Counter({
    name: 'spillway_connections_ended_total',
    help: 'Connections that this process refused or ended because they were beyond a bound',
    labelNames: ['reason'],
    registers: [registry],
    collect: () => {
      ended.reset()
      for (const reason of ENDINGS) ended.inc({ reason }, connections.totals[reason])
    }
  })
}

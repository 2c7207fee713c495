import { Gauge, type Registry } from '@prometheus-io/client'

/** Shows how many NDJSON streams this process has open. */
export function registerStreamMetrics (registry: Registry, streams: { readonly open: number }): void {
  const open: Gauge = new Gauge({
    name: 'spillway_streams', help: 'NDJSON streams that this process has open', registers: [registry],
    collect: () => open.set(streams.open)
  })
}

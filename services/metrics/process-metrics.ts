import client, { Counter, Gauge, type Registry } from '@prometheus-io/client'

/** Registers the metrics of a supervisor, and returns the count of restarts. @param listening processes that listen */
export function registerProcessMetrics (registry: Registry, listening: () => number): Counter {
  const registers = [registry]
  client.collectDefaultMetrics({ register: registry })
  const processes = new Gauge({
    name: 'spillway_processes',
    help: 'Processes of this service that listen',
    registers,
    collect: () => { processes.set(listening()) }
  })
  return new Counter({ name: 'spillway_process_restarts_total', help: 'Processes that ended and were replaced', registers })
}

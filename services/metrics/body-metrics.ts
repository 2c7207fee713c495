import { Gauge, type Registry } from '@prometheus-io/client'

/** Shows the bodies in flight of this process beside the budget for them. */
export function registerBodyMetrics (registry: Registry, bodies: { readonly heldBytes: number, readonly budgetBytes: number }): void {
  const held: Gauge = new Gauge({
    name: 'spillway_bodies_in_flight_bytes',
    help: 'Bytes of request bodies that were received and are not answered yet',
    registers: [registry],
    collect: () => held.set(bodies.heldBytes)
  })
  const budget: Gauge = new Gauge({
    name: 'spillway_bodies_in_flight_budget_bytes',
    help: 'Most bytes of request bodies that may be in flight in this process',
    registers: [registry]
  })
  budget.set(bodies.budgetBytes)
}

import { Gauge, type Registry } from '@prometheus-io/client'

/** Shows how many dashboards follow this process. */
export function registerDashboardMetrics (registry: Registry, dashboards: { readonly count: number }): void {
  const open: Gauge = new Gauge({
    name: 'spillway_dashboards', help: 'Dashboards that follow this process', registers: [registry], collect: () => open.set(dashboards.count)
  })
}

import { Gauge, type Registry } from '@prometheus-io/client'

/**
 * Shows the version and the role of this process; the value is always 1. Queries join other series with it by
 * `instance`.
 */
export function registerBuildMetrics (registry: Registry, build: { version: string, role: string }): void {
  const info: Gauge<'version' | 'role'> = new Gauge({
    name: 'spillway_build_info',
    help: 'Version and role of this process; always 1',
    labelNames: ['version', 'role'],
    registers: [registry]
  })
  info.set(build, 1)
}

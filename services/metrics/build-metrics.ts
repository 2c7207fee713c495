import { Gauge, type Registry } from '@prometheus-io/client'

/** Says which version runs in this process, and in which role; the value is always 1. Other series are joined with it by `instance`. */
export function registerBuildMetrics (registry: Registry, build: { version: string, role: string }): void {
  const info: Gauge<'version' | 'role'> = new Gauge({
    name: 'spillway_build_info', help: 'Version and role of this process; always 1', labelNames: ['version', 'role'], registers: [registry]
  })
  info.set(build, 1)
}

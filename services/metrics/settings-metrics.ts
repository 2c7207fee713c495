import { Gauge, type Registry } from '@prometheus-io/client'

/** Shows which version of the settings this process follows. */
export function registerSettingsMetrics (
  registry: Registry, settings: { readonly current: { readonly version: number } }
): void {
  const version: Gauge = new Gauge({
    name: 'spillway_settings_version',
    help: 'Version of the settings in force in this process; processes that stay apart do not follow the same settings',
    registers: [registry],
    collect: () => version.set(settings.current.version)
  })
}

import { join } from 'node:path'
import fp from 'fastify-plugin'
import { showGauge } from '../services/metrics/shown.ts'
import { loadFolder } from '../services/registry/load-folder.ts'
import { isSettingsPart, PART_SHAPE } from '../services/settings/part.ts'
import { policyParts } from '../services/settings/policy-parts.ts'
import { SettingsInForce } from '../services/settings/settings-in-force.ts'
import { SettingsModel } from '../services/settings/settings.ts'
import { SettingsOrders } from '../services/settings/settings-orders.ts'
import { SettingsStore } from '../services/settings/settings-store.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The settings that this process follows. */
    settings: SettingsInForce
    settingsModel: SettingsModel
    /** Changes the settings of all replicas. */
    settingsOrders: SettingsOrders
    settingsStore: SettingsStore
  }
}

const PARTS = join(import.meta.dirname, '../services/settings/parts')

export default fp(async (fastify) => {
  const { config, log, metricsRegistry, policyModules, queue, queueMonitor, redis } = fastify
  const parts = await loadFolder(PARTS, isSettingsPart, PART_SHAPE)
  const model = new SettingsModel([...parts, ...policyParts(policyModules)], config)
  const inForce = new SettingsInForce({
    model,
    onBroken: (reason, version) => {
      const kept = inForce.current.version
      log.error(
        { event: 'settings-broken', reason, version, kept },
        'the settings in Redis are invalid; the previous ones stay in force: change the settings or roll them back'
      )
      // A process that has just started has no previous settings, but the history has.
      if (kept === 0) void store.history().then((changes) => inForce.recover(changes)).catch(() => {})
    },
    onUnknown: (fields, version) => {
      const what = 'the settings in Redis have fields that this version does not know; they stay, and the others apply'
      log.warn({ event: 'settings-unknown', fields, version }, what)
    },
    // Replicas that start later have to follow the same settings, so the record is restored if it was deleted.
    onGone: (remembered) => { store.restore(remembered).catch(() => {}) }
  })
  const store = new SettingsStore(redis, queue.keys, queue.repair, () => inForce.fields)
  queueMonitor.skipSettings(() => inForce.fingerprint)
  queueMonitor.onReading(({ settings }) => inForce.observe(settings))
  showGauge(metricsRegistry, {
    name: 'spillway_settings_version',
    help:
      'Version of the settings in force in this process; processes whose versions stay different use different ' +
      'settings',
    read: () => inForce.current.version
  })
  fastify.decorate('settings', inForce)
  fastify.decorate('settingsModel', model)
  fastify.decorate('settingsStore', store)
  fastify.decorate('settingsOrders', new SettingsOrders({ model, store, inForce }))
}, { name: 'settings', dependencies: ['config', 'metrics', 'policies', 'queue', 'redis'] })

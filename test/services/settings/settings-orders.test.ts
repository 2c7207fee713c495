import t from 'tap'
import { loadConfig } from '../../../services/config/load-config.ts'
import backpressure from '../../../services/settings/parts/backpressure.ts'
import type { SettingsInForce } from '../../../services/settings/settings-in-force.ts'
import type { SettingsRecord } from '../../../services/settings/record.ts'
import { SettingsOrders } from '../../../services/settings/settings-orders.ts'
import type { SettingsStore } from '../../../services/settings/settings-store.ts'
import { SettingsModel } from '../../../services/settings/settings.ts'

t.test('says that nothing was written when others come first each time', async (t) => {
  const model = new SettingsModel([{ name: 'backpressure', value: backpressure }], loadConfig({}))
  let writes = 0
  const store = {
    read: async () => ({}),
    replace: async () => {
      writes++
    }
  } as unknown as SettingsStore
  const inForce = { current: { version: 0, settings: model.configured, overrides: {} } } as Pick<
    SettingsInForce,
    'current'
  >
  const orders = new SettingsOrders({ model, store, inForce })
  t.strictSame(await orders.patch({ backpressure: { mode: 'observe' } }, '::1'), { kind: 'contended' })
  t.ok(writes > 1, 'it was tried again')
})

t.test('a change keeps the fields that this version does not know', async (t) => {
  const model = new SettingsModel([{ name: 'backpressure', value: backpressure }], loadConfig({}))
  const overrides = { quota: { limit: 5 }, backpressure: { mode: 'observe' } }
  let written: SettingsRecord | undefined
  const store = {
    read: async () => ({ version: '7', at: '1', record: JSON.stringify({ overrides, by: '::1', changes: [] }) }),
    replace: async (version: number, record: SettingsRecord) => ({ version: version + 1, at: '', ...written = record })
  } as unknown as SettingsStore
  const inForce = { current: { version: 0, settings: model.configured, overrides: {} } } as Pick<
    SettingsInForce,
    'current'
  >
  const orders = new SettingsOrders({ model, store, inForce })
  t.match(await orders.patch({ backpressure: { mode: null } }, '::1'), {
    kind: 'changed', result: { version: 8, settings: model.configured, overrides: { quota: { limit: 5 } } }
  })
  t.match(written, { overrides: { quota: { limit: 5 } }, changes: [{ field: 'backpressure.mode' }] })
})

import t from 'tap'
import { SettingsStore } from '../../../services/settings/settings-store.ts'
import { KEYS } from '../../queue-keys.ts'
import { startQueue } from '../queue/setup.ts'

const RECORD = { overrides: { backpressure: { mode: 'observe' } }, by: '::1', changes: [] }

t.test('a Redis that is full takes a change, and takes back what somebody has deleted', async (t) => {
  const { connection, queue } = await startQueue(t)
  const store = new SettingsStore(connection, KEYS, queue.repair, () => ({}))
  await connection.config('SET', 'maxmemory', 1)
  await t.rejects(connection.set('any', 'value'), /OOM/, 'it is full')
  t.match(await store.replace(0, RECORD), { version: 1, ...RECORD })
  const fields = await store.read()
  await connection.del(KEYS.settings)
  await store.restore(fields)
  t.strictSame(await store.read(), fields)
})

t.test('keeps the latest changes', async (t) => {
  const { connection, queue } = await startQueue(t)
  const store = new SettingsStore(connection, KEYS, queue.repair, () => ({}))
  for (let version = 0; version < 102; version++) await store.replace(version, RECORD)
  const versions = (await store.history()).map(({ version }) => version)
  t.strictSame([versions.length, versions[0], versions.at(-1)], [100, 102, 3])
  t.equal(await connection.llen(KEYS.settingsHistory), 100)
})

/* Events that the service refuses for good: because of a right that a key lacks, or because they went to another port. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { EXIT } from '../../../cli/exit-code.ts'
import { newKey } from '../../../services/producer/key-text.ts'
import { startRedis } from '../../../rig/redis.ts'
import { startWithAdminPort } from '../../admin-port.ts'
import { runCli } from '../run-cli.ts'

const redis = await startRedis(t)
const path = join(redis.folder, 'keys.json')
const [sensor, reader] = [newKey(), newKey()]
writeFileSync(path, JSON.stringify([
  { key: sensor.key, name: 'sensor', organizationId: 'acme', scopes: ['ingest'], types: ['reading'], bestPriority: 5 },
  { key: reader.key, name: 'reader', organizationId: 'acme', scopes: ['read'] }
]), { mode: 0o600 })
const { url, adminUrl } = await startWithAdminPort(t, redis, { API_KEYS_FILE: path })

const stdin = [
  { type: 'reading', payload: 1 }, { type: 'order', payload: 2 }, { type: 'reading', payload: 3, priority: 1 }
].map((event) => `${JSON.stringify(event)}\n`).join('')
const send = (env: Record<string, string>, ...args: string[]) =>
  runCli(['send', ...args], { env: { SPILLWAY_URL: url, ...env }, stdin })

t.test('an event that the key may not post is forbidden, with the reason, and the others are stored', async (t) => {
  const { code, out, err } = await send({ SPILLWAY_KEY: sensor.key })
  t.equal(code, EXIT.failed)
  t.match(out, /3 events in .*: 1 accepted, 0 duplicate, 2 failed \(2 forbidden\)/)
  t.match(out, '  line 2: forbidden: type-not-allowed: The key may not post events of this type\n')
  t.match(out, '  line 3: forbidden: priority-ceiling: The key may not give this priority')
  t.match(err, /^set SPILLWAY_KEY to a key with these rights/m)
  const report = (await send({ SPILLWAY_KEY: sensor.key }, '--json', '--key', 'again')).json()
  t.match(report, { accepted: 1, forbidden: 2, invalid: 0, failures: [{ status: 'forbidden' }, { status: 'forbidden' }] })
})

t.test('a key without the scope to post, or none, ends it at once', async (t) => {
  for (const [env, reason] of [
    [{ SPILLWAY_KEY: reader.key }, /line 1: forbidden: scope: This route requires a key with scope ingest/],
    [{ SPILLWAY_KEY: newKey().key }, /line 1: forbidden: unauthorized: The key is unknown/],
    [{}, /line 1: forbidden: unauthorized: The request presents no key/]
  ] as const) {
    const { code, out, err } = await send({ ...env })
    t.equal(code, EXIT.failed)
    t.match(out, reason)
    t.match(err, /^set SPILLWAY_KEY to/m)
  }
})

t.test('a port that accepts no events is wrong usage, which names the right one', async (t) => {
  const { code, out, err } = await send({ SPILLWAY_URL: adminUrl, SPILLWAY_KEY: sensor.key })
  t.equal(code, EXIT.usage)
  t.equal(out, '')
  t.match(err, `spillway: ${adminUrl} accepts no events; it may be an ADMIN_PORT`)
  t.match(err, /set --url or SPILLWAY_URL to the address of PORT[^\n]*\n$/)
})

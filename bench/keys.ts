/*
 * Prints what a key costs a request, in nanoseconds: without any key in the service, with a verified key, with a wrong
 * one, and the stamp of an event with a posted text. npm run bench:keys
 */
import type { QueuedEvent } from '../services/event/event.ts'
import { Authenticator } from '../services/producer/authenticator.ts'
import { digestOfKey, newKey } from '../services/producer/key-text.ts'
import { KnownKeys } from '../services/producer/known-keys.ts'
import { stamped, stampOf } from '../services/producer/stamp.ts'
import { quantiles, timeGroups } from './decision/timing.ts'

const GROUPS = 20_000
const GROUP_SIZE = 32
const KEYS = 1_000

const made = Array.from({ length: KEYS }, () => newKey())
const keys = new KnownKeys()
const authenticatorOf = (known: KnownKeys) => new Authenticator({
  keys: known,
  adminToken: undefined,
  mayBeAnonymous: () => true,
  isCurrent: () => true,
  now: () => Date.now(),
  onUsed: () => {}
})
keys.adoptFile(made.map(({ id, key }) => ({
  id, name: id, organizationId: 'acme', scopes: ['ingest'], sha256: digestOfKey(key)
})))
const open = authenticatorOf(new KnownKeys())
const guarded = authenticatorOf(keys)
// Each request has texts of its own, as Node.js makes them from the bytes of a head.
const headers = (key: string) => ({ authorization: Buffer.from(`Bearer ${key}`).toString('latin1') })
const right = made.map(({ key }) => headers(key))
const wrong = made.map(({ id }) => headers(newKey(id).key))
const stamp = stampOf('acme', 5)
const text = JSON.stringify({ type: 'telemetry-data', payload: { deviceId: 'd-1', values: { temperature: 21.5 } } })

let next = 0
let sink = 0
const SUBJECTS: Readonly<Record<string, () => unknown>> = {
  'no key in the service': () => open.authenticate(right[next++ % KEYS]!, 'main', false, false),
  'a verified key': () => guarded.authenticate(right[next++ % KEYS]!, 'main', false, false),
  'a wrong key': () => guarded.authenticate(wrong[next++ % KEYS]!, 'main', false, false),
  'the stamp of an event': () => {
    const event = { id: '', type: 'x', payload: undefined, priority: 5, receivedAt: '' } as QueuedEvent
    sink += stamped(event, text, stamp)?.length ?? 0
  }
}

for (const [name, work] of Object.entries(SUBJECTS)) {
  timeGroups(GROUPS / 4, GROUP_SIZE, work, () => {})
  const [p50, p99] = quantiles(timeGroups(GROUPS, GROUP_SIZE, work, () => {}), 0.5, 0.99) as [number, number]
  process.stdout.write(`${name.padEnd(24)} p50 ${p50.toFixed(0).padStart(6)} ns   p99 ${p99.toFixed(0).padStart(6)} ns\n`)
}
if (sink === 0) throw new Error('nothing was stamped')

import t from 'tap'
import { MOST_RECORD_BYTES, type FleetMember } from '../../../services/fleet/member.ts'
import { boundedShares, sharesOfOtherReplicas, sharesOfOthers } from '../../../services/fleet/share.ts'

t.test('keeps reports as they are while there is room', async (t) => {
  t.strictSame(boundedShares({}), {})
  t.strictSame(boundedShares({ a: { x: 1, y: 2.5 }, b: { x: 3 } }), { a: { y: 2.5, x: 1 }, b: { x: 3 } })
})

t.test('keeps the largest counts of each policy, whatever those of others are, and bounds their bytes', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`organization-${index}`, index]))
  const kept = boundedShares({ quota: many, other: { x: 20_000, y: 0.5 } })
  t.strictSame(kept.other, { x: 20_000, y: 0.5 })
  const names = Object.keys(kept.quota ?? {})
  t.strictSame(names.slice(0, 2), ['organization-9999', 'organization-9998'])
  t.ok(names.length > 10 && Buffer.byteLength(JSON.stringify(kept)) < MOST_RECORD_BYTES - 1_000)
  t.strictSame(
    boundedShares({ quota: { ['ü'.repeat(5_000)]: 9, x: 1 } }),
    {},
    'a name that takes all the room leaves none'
  )
})

t.test('two hundred organizations with short names fit into a record', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`abc${1_000 + index}`, 1_000 + index]))
  const kept = boundedShares({ 'quota-exceeded': many })
  t.ok(Object.keys(kept['quota-exceeded'] ?? {}).length >= 190)
  t.ok(Buffer.byteLength(JSON.stringify(kept)) <= MOST_RECORD_BYTES - 1_024)
})

t.test('leaves out what is no count', async (t) => {
  t.strictSame(boundedShares({ a: { nan: NaN, infinite: Infinity, negative: -1, none: 0, one: 1 } }), { a: { one: 1 } })
  const strange = boundedShares(JSON.parse('{"__proto__": {"__proto__": 7}}'))
  t.equal(JSON.stringify(strange), '{"__proto__":{"__proto__":7}}')
})

t.test('the reports of the others are those of all processes that accept events but this one', async (t) => {
  const member = (id: string, shares?: FleetMember['shares']): FleetMember => ({
    id, role: 'api', host: 'h', pid: 1, version: '1', startedAt: '', circuitState: 'CLOSED', settingsVersion: 0, seenAt: 0,
    ...(shares && { shares })
  })
  const members = [member('a', { quota: { x: 1 } }), member('b', { quota: { x: 2 } }), member('c')]
  members.push({ ...member('d', { quota: { x: 4 } }), role: 'worker' })
  t.strictSame(sharesOfOtherReplicas({ members, skipped: 0 }, 'a'), [{ quota: { x: 2 } }, {}])
  t.strictSame(sharesOfOthers({ members, skipped: 0 }, 'a'), [{ quota: { x: 2 } }, {}, { quota: { x: 4 } }])
})

import t from 'tap'
import { decodeFleet, workersOf, type Member } from '../../../services/fleet/member.ts'

const MEMBER: Member = {
  id: 'm1', role: 'api', host: 'h', pid: 7, version: '1.0.0', startedAt: '2026-03-01T10:00:00.000Z',
  circuitState: 'OPEN', settingsVersion: 3
}
const WORKER = { concurrency: 20, handlers: ['delivery'], holds: [] }

t.test('reads records, in the order in which the processes started', async (t) => {
  const later: Member = { ...MEMBER, id: 'm2', role: 'worker', startedAt: '2026-03-01T11:00:00.000Z', worker: WORKER }
  const fleet = decodeFleet([0, '1000', JSON.stringify(later), '2000', JSON.stringify(MEMBER)])
  t.strictSame(fleet, { members: [{ ...MEMBER, seenAt: 2_000 }, { ...later, seenAt: 1_000 }], skipped: 0 })
  t.strictSame(workersOf(fleet), [{ id: 'm2', hostname: 'h', pid: 7, startedAt: later.startedAt, ...WORKER }])
})

t.test('reads a record of a newer version, with members that this one does not know', async (t) => {
  t.match(decodeFleet([0, '1', JSON.stringify({ ...MEMBER, shard: 3 })]), { members: [{ id: 'm1' }], skipped: 0 })
})

t.test('skips and counts what is no record', async (t) => {
  const wrong: unknown[] = [
    null,
    7,
    [],
    {},
    { ...MEMBER, id: 7 },
    { ...MEMBER, role: 'queen' },
    { ...MEMBER, pid: -1 },
    { ...MEMBER, host: undefined },
    { ...MEMBER, circuitState: 'AJAR' },
    { ...MEMBER, settingsVersion: 1.5 },
    { ...MEMBER, worker: {} },
    { ...MEMBER, worker: { ...WORKER, handlers: [7] } },
    { ...MEMBER, worker: { ...WORKER, holds: 'all' } }
  ]
  for (const record of wrong) {
    const fleet = decodeFleet([0, '1', JSON.stringify(record), '2', JSON.stringify(MEMBER)])
    t.match(fleet, { members: [{ id: 'm1' }], skipped: 1 }, JSON.stringify(record))
  }
  t.strictSame(decodeFleet([2, '1', '{"id"', '1', '']), { members: [], skipped: 4 })
})

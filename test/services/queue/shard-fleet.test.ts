/* The processes of the service tell each other of themselves with their readings. */
import t from 'tap'
import type { Member } from '../../../services/fleet/member.ts'
import type { QueueReading } from '../../../services/queue/reading.ts'
import type { Damage } from '../../../services/queue/repair.ts'
import { startQueue } from './setup.ts'

const MEMBER: Member = {
  id: 'm1',
  role: 'worker',
  host: 'h',
  pid: 7,
  version: '1.0.0',
  startedAt: '2026-03-01T10:00:00.000Z',
  circuitState: 'CLOSED',
  settingsVersion: 0,
  worker: { concurrency: 20, handlers: ['delivery'], holds: [] }
}
const idsOf = ({ fleet }: QueueReading) => fleet.members.map(({ id }) => id)

t.test('a process is in the fleet while it announces itself', async (t) => {
  const { queue, connection } = await startQueue(t)
  const { fleet, workers, redisTimeMs } = await queue.sample({ announcement: { member: MEMBER } })
  t.strictSame(fleet, { members: [{ ...MEMBER, seenAt: fleet.members[0]?.seenAt }], skipped: 0 })
  t.ok(Math.abs(Number(fleet.members[0]?.seenAt) - redisTimeMs) < 5_000, 'by the clock of Redis')
  t.strictSame(workers, [{ id: 'm1', hostname: 'h', pid: 7, startedAt: MEMBER.startedAt, ...MEMBER.worker }])
  const other: Member = { ...MEMBER, id: 'm2' }
  t.strictSame(idsOf(await queue.sample({ announcement: { member: other } })), ['m1', 'm2'])
  const changed: Member = { ...MEMBER, circuitState: 'OPEN' }
  t.match((await queue.sample({ announcement: { member: changed } })).fleet.members, [{ circuitState: 'OPEN' }, {
    circuitState: 'CLOSED'
  }], 'in place of its record before')
  await queue.removeMember('m1')
  t.strictSame(idsOf(await queue.sample()), ['m2'])
  t.strictSame(idsOf(await queue.sample({ announcement: { member: other } })), ['m2'])
  const record = (at: number, id: string) => `${at} ${JSON.stringify({ ...MEMBER, id })}`
  const { redisTimeMs: now } = await queue.sample({ announcement: { member: other } })
  await connection.hset(queue.keys.fleet, { dead: record(now - 6_000, 'dead'), future: record(now + 60_000, 'future') })
  t.strictSame(
    idsOf(await queue.sample({ announcement: { member: other } })),
    ['m2'],
    'one that is silent for too long is not'
  )
  t.strictSame(await connection.hkeys(queue.keys.fleet), ['m2'])
})

t.test('all processes learn of a change with their next sample', async (t) => {
  const { redis, queue, connection } = await startQueue(t)
  const { queue: other } = await startQueue(t, redis)
  t.strictSame(idsOf(await other.sample()), [])
  const { redisTimeMs: now } = await queue.sample({ announcement: { member: MEMBER } })
  const joined = await other.sample()
  t.strictSame(idsOf(joined), ['m1'], 'one that joins')
  t.equal((await other.sample()).fleet, joined.fleet, 'a fleet that has not changed is the same one')
  await queue.sample({ announcement: { member: { ...MEMBER, settingsVersion: 1 }, isNews: true } })
  t.match((await other.sample()).fleet.members, [{ settingsVersion: 1 }], 'news of one')
  await queue.sample({ announcement: { member: { ...MEMBER, settingsVersion: 2 } } })
  t.match((await other.sample()).fleet.members, [{ settingsVersion: 1 }], 'all else comes with the next announcement')
  await queue.removeMember('m1')
  t.strictSame(idsOf(await other.sample()), [], 'one that leaves')
  await connection.hset(queue.keys.fleet, 'dead', `${now - 6_000} {}`)
  await queue.sample({ announcement: { member: MEMBER } })
  await other.sample()
  await connection.hset(queue.keys.control, 'fleet', 'often')
  t.strictSame(
    idsOf(await other.sample({ announcement: { member: { ...MEMBER, id: 'm2' } } })),
    ['m1', 'm2'],
    'though the count was damaged'
  )
  t.strictSame(idsOf(await queue.sample()), ['m1', 'm2'])
  await other.repair.check()
  t.not(await connection.hget(queue.keys.control, 'fleet'), 'often')
})

t.test('the fleet is bounded, and what is no record is skipped and counted', async (t) => {
  const damage: Damage[] = []
  const { queue, connection } = await startQueue(t, undefined, { onDamage: (found) => damage.push(found) })
  const { redisTimeMs: now } = await queue.sample({ announcement: { member: MEMBER } })
  await connection.hset(queue.keys.fleet, {
    text: 'x',
    empty: '',
    json: `${now} {"id"`,
    other: `${now} {"id":"other"}`,
    long: `${now} ${JSON.stringify({ ...MEMBER, host: 'h'.repeat(5_000) })}`
  })
  t.match((await queue.sample({ announcement: { member: MEMBER } })).fleet, { members: [{ id: 'm1' }], skipped: 5 })
  t.strictSame(damage, [{ key: queue.keys.fleet, entry: 'a process' }], 'and the log says so once')
  const many = Array.from(
    { length: 300 },
    (_, index) => [`p${index}`, `${now} ${JSON.stringify({ ...MEMBER, id: `p${index}` })}`]
  )
  await connection.del(queue.keys.fleet)
  await connection.hset(queue.keys.fleet, Object.fromEntries(many))
  const { fleet } = await queue.sample({ announcement: { member: { ...MEMBER, id: 'late' } } })
  t.equal(fleet.members.length, 250)
  t.notOk(fleet.members.some(({ id }) => id === 'late'), 'a fleet that is full lists no further process')
  await connection.del(queue.keys.fleet)
  await connection.set(queue.keys.fleet, 'of another type')
  t.equal(
    idsOf(await queue.sample({ announcement: { member: MEMBER } })).length,
    250,
    'what cannot be read changes nothing'
  )
  await queue.repair.check()
  t.strictSame(idsOf(await queue.sample({ announcement: { member: MEMBER } })), ['m1'])
  t.equal(await connection.type(queue.keys.fleet), 'hash')
})

t.test('all replicas see what one writes into the control record', async (t) => {
  const { redis, queue } = await startQueue(t)
  const { queue: other } = await startQueue(t, redis)
  await queue.circuit.reset()
  await other.circuit.reset()
  t.strictSame((await other.sample()).control, { circuit: 'CLOSED', resets: '2' })
})

t.test('the last process that announces itself with what it has learned tells it to those that start', async (t) => {
  const { redis, queue } = await startQueue(t)
  const { queue: other } = await startQueue(t, redis)
  for (const learned of ['1', '2']) await queue.sample({ announcement: { member: MEMBER, learned } })
  await queue.sample({ announcement: { member: MEMBER }, takeCounts: () => ({ 'offered:low': 1 }) })
  const { control } = await other.sample()
  t.equal(control.learned, '2', 'a process that has learned nothing leaves it in place')
})

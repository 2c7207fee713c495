/* Several processes on one Redis: one reads the queue, and the others hear of it. */
import t, { type Test } from 'tap'
import { Redis } from 'ioredis'
import type { Member } from '../../../services/fleet/member.ts'
import { circuitRecordOf } from '../../../services/admission/circuit-record.ts'
import type { HeardMove } from '../../../services/queue/circuit-keeper.ts'
import { sum } from '../../../services/admission/sum.ts'
import { fingerprintOf, type SettingsFields } from '../../../services/settings/record.ts'
import { QueueMonitor } from '../../../services/queue/queue-monitor.ts'
import type { QueueReading } from '../../../services/queue/reading.ts'
import { connectForMessages } from '../../../services/redis/connection.ts'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis, type RedisProcess } from '../../../rig/redis.ts'
import { batchOf, byPriority, startQueue } from './setup.ts'

const MEMBER: Member = {
  id: 'm', role: 'api', host: 'h', pid: 7, version: '1.0.0', startedAt: '2026-03-01T10:00:00.000Z',
  circuitState: 'CLOSED', settingsVersion: 0
}

interface Options {
  readonly id: string
  /** Milliseconds of the clock of the process; it stands still unless the test moves it. */
  readonly clock?: { now: number }
  /** Name and password of its user of Redis. */
  readonly user?: readonly [name: string, password: string]
}

/** A process as far as it reads the queue. While its clock stands still, it never waits for a reading too long. */
async function startProcess (t: Test, redis: RedisProcess, { id, clock = { now: 0 }, user }: Options) {
  const unpublished: true[] = []
  const started = await startQueue(t, redis, { onUnpublished: () => unpublished.push(true), now: () => clock.now })
  const { queue, connection } = started
  if (user !== undefined) await connection.call('AUTH', ...user)
  const feedUrl = user === undefined ? redis.url : redis.url.replace('://', `://${user.join(':')}@`)
  const reads = countReads(connection, queue.keys.jobs.wait)
  const readings: QueueReading[] = []
  const losses: Error[] = []
  const refusals: Error[] = []
  let settings: SettingsFields | undefined
  const monitor = new QueueMonitor({
    queue, intervalMs: 10, now: () => clock.now,
    onListenerFailed: (error) => { throw error },
    openFeed: () => connectForMessages(feedUrl),
    onFeedRefused: (error) => { refusals.push(error) }
  })
  const member = { ...MEMBER, id }
  monitor.announce(() => member)
  monitor.skipSettings(() => settings === undefined ? '' : fingerprintOf(settings))
  monitor.onReading((reading) => {
    readings.push(reading)
    settings = reading.settings ?? settings
  })
  monitor.onLost((error) => { losses.push(error) })
  t.teardown(() => monitor.stop())
  const next = async (count = 3) => {
    const { length } = readings
    return await eventually(`${count} readings of ${id}`, () => readings.length >= length + count && readings.at(-1))
  }
  return {
    ...started, monitor, clock, member, readings, losses, refusals, unpublished, reads, next,
    get settings () { return settings }
  }
}

type Process = Awaited<ReturnType<typeof startProcess>>

/** Counts how often a connection sends the script that reads. */
function countReads (connection: Redis, firstKey: string): { count: number } {
  const reads = { count: 0 }
  const send = connection.sendCommand.bind(connection)
  connection.sendCommand = (command, stream) => {
    if (command.name === 'evalsha' && command.args[2] === firstKey) reads.count++
    return send(command, stream)
  }
  return reads
}

/** Starts processes of which the first reads for all. */
async function startProcesses (t: Test, ids: readonly string[], redis?: RedisProcess): Promise<Process[]> {
  const server = redis ?? await startRedis(t)
  const processes: Process[] = []
  for (const id of ids) {
    const process = await startProcess(t, server, { id })
    processes.push(process)
    process.monitor.start()
    await process.next()
  }
  for (const follower of processes.slice(1)) await untilFollowing(follower)
  return processes
}

/** Resolves when a process gets readings and reads none itself. */
async function untilFollowing ({ reads, readings }: Process): Promise<void> {
  let [before, heard] = [-1, 0]
  await eventually('it follows', () => {
    const isFollowing = reads.count === before && readings.length >= heard + 5
    if (reads.count !== before) [before, heard] = [reads.count, readings.length]
    return isFollowing
  })
}

t.test('one process reads, and the others get the same readings without a command', async (t) => {
  const [reader, ...followers] = await startProcesses(t, ['a', 'b', 'c']) as [Process, Process, Process]
  t.equal(reader.queue.isReader, true)
  t.strictSame(followers.map(({ queue }) => queue.isFollower), [true, true])
  const before = followers.map(({ reads }) => reads.count)
  await reader.queue.add(batchOf(3, 2))
  for (const { next } of followers) {
    await next(10)
    t.strictSame((await next()).depthByPriority, byPriority({ 2: 3 }))
  }
  t.strictSame(followers.map(({ reads }) => reads.count), before)
  for (const { readings } of followers) {
    const heard = readings.at(-1) as QueueReading
    const same = reader.readings.find(({ redisTimeMs, memory }) =>
      redisTimeMs === heard.redisTimeMs && memory.usedBytes === heard.memory.usedBytes)
    t.ok(same, 'the reader had it too')
    t.strictSame({ ...heard, settings: 0 }, { ...same, settings: 0 })
  }
})

t.test('a process that is alone publishes nothing and opens no connection', async (t) => {
  const [{ connection, next }] = await startProcesses(t, ['a']) as [Process]
  await next(5)
  t.notMatch(await connection.info('commandstats'), /cmdstat_(publish|subscribe)/)
})

t.test('when the process that reads ends, one of the others reads for all, and the rest follow it', async (t) => {
  const [reader, ...others] = await startProcesses(t, ['a', 'b', 'c']) as [Process, Process, Process]
  await reader.monitor.stop()
  const lease = await reader.connection.pttl(reader.queue.keys.settleLease)
  t.ok(lease <= 1_000, 'the lease ends within a second')
  const moving = setInterval(() => { for (const { clock } of others) clock.now += 5 }, 5)
  t.teardown(() => clearInterval(moving))
  const isTaken = () => others.filter(({ queue }) => queue.isReader).length === 1 &&
    others.filter(({ queue }) => queue.isFollower).length === 1
  await eventually('one of them has taken over', isTaken)
  clearInterval(moving)
  const follower = others.find(({ queue }) => queue.isFollower) as Process
  await untilFollowing(follower)
})

t.test('a process that hears nothing for two intervals reads itself', async (t) => {
  const [reader, follower] = await startProcesses(t, ['a', 'b']) as [Process, Process]
  await reader.monitor.stop()
  const { count } = follower.reads
  const { length } = follower.readings
  follower.clock.now += 19
  follower.clock.now += 1
  await eventually('it reads', () => follower.reads.count > count && follower.readings.length > length)
})

t.test('news reach the others with the next reading', async (t) => {
  const [reader, follower] = await startProcesses(t, ['a', 'b']) as [Process, Process]
  await reader.connection.hset(reader.queue.keys.settings, { version: '3', at: '5', record: '{}' })
  await eventually('settings', () => follower.settings?.version === '3')
  Object.assign(follower.member, { settingsVersion: 3 })
  const versionsAt = ({ readings }: Process) =>
    readings.at(-1)?.fleet.members.map(({ settingsVersion }) => settingsVersion)
  await eventually('the record of a follower', () =>
    [reader, follower].every((process) => versionsAt(process)?.join() === '0,3'))
  const before = follower.reads.count
  await reader.monitor.stop()
  await reader.connection.hset(reader.queue.keys.settings, { version: '4' })
  // As if this process had missed the message with the settings.
  await reader.queue.sample({ knownSettings: '4:5:2' })
  await eventually('settings of which it heard only the fingerprint', () => follower.settings?.version === '4')
  t.ok(follower.reads.count > before)
})

t.test('a move of the circuit reaches the others without a reading', async (t) => {
  const [reader, follower] = await startProcesses(t, ['a', 'b']) as [Process, Process]
  const moves: HeardMove[] = []
  follower.monitor.onMove((move) => { moves.push(move) })
  await reader.monitor.stop()
  const step = { known: undefined, circuits: { depth: 'OPEN', bytes: 'CLOSED' }, aboveEpoch: 0, readAt: undefined } as const
  t.match(await reader.queue.circuit.move(step, 1_000), { isMoved: true })
  t.match(await reader.queue.circuit.move(step, 1_000), { isMoved: false })
  await eventually('it hears of it', () => moves.length > 0)
  t.match(circuitRecordOf(moves[0]?.control ?? {}), { circuits: step.circuits, epoch: 1 })
  const { circuitMoves } = reader.queue.keys
  for (const text of ['nonsense', '{}', '[1]', '["1",[]]']) await reader.connection.publish(circuitMoves, text)
  await reader.queue.circuit.move({ ...step, known: circuitRecordOf(moves[0]?.control ?? {}) }, 1_000)
  await eventually('it hears of the next one', () => moves.length > 1)
  t.equal(moves.length, 2, 'and of nothing else')
})

t.test('messages of others than the process with the lease mean nothing', async (t) => {
  const [reader, follower] = await startProcesses(t, ['a', 'b']) as [Process, Process]
  const { readings: channel } = reader.queue.keys
  const messages: string[] = []
  const listener = new Redis(reader.redis.path)
  t.teardown(() => listener.disconnect())
  await listener.subscribe(channel)
  listener.on('message', (_channel, text) => messages.push(text))
  const published = await eventually('a message', () => messages.at(-1))
  await reader.monitor.stop()
  const late = JSON.parse(published) as unknown[]
  const { length } = follower.readings
  const forged = [
    'nonsense', '[]', '{}', JSON.stringify(late.slice(1)), JSON.stringify(late.with(18, 'another')),
    JSON.stringify(late.with(0, 1)), JSON.stringify(late.with(1, 'x'))
  ]
  for (const text of forged) {
    await reader.connection.publish(channel, text)
    await eventually('it is published', () => messages.at(-1) === text)
  }
  t.equal(follower.readings.length, length)

  await reader.connection.set(reader.queue.keys.settleLease, 'another', 'PX', 3_600_000)
  const { length: before } = messages
  await reader.queue.sample()
  await reader.connection.publish(channel, 'the last')
  await eventually('all have come', () => messages.at(-1) === 'the last')
  t.equal(messages.length, before + 1, 'a process that has lost the lease publishes nothing')
})

t.test('after a loss nothing counts until the process has read', async (t) => {
  const [, follower] = await startProcesses(t, ['a', 'b']) as [Process, Process]
  follower.connection.disconnect()
  await eventually('it is lost', () => follower.connection.status === 'end')
  follower.monitor.lose(new Error('the connection broke'))
  const { length } = follower.readings
  await eventually('its readings fail', () => follower.losses.length >= 5)
  t.equal(follower.readings.length, length, 'though the other process reads')
})

t.test('a user without the channels reads as if it were alone, and is told so', async (t) => {
  const redis = await startRedis(t)
  const admin = new Redis(redis.path)
  t.teardown(() => admin.disconnect())
  await admin.call('ACL', 'SETUSER', 'deaf', 'on', '>secret', '~*', 'resetchannels', '+@all')
  const user = ['deaf', 'secret'] as const
  const a = await startProcess(t, redis, { id: 'a', user })
  const b = await startProcess(t, redis, { id: 'b', user })
  for (const { monitor, next } of [a, b]) { monitor.start(); await next() }
  await eventually('the reader is told', () => a.unpublished.length > 0)
  await eventually('the other is told', () => b.refusals.length > 0)
  t.match(b.refusals[0]?.message, /NOPERM/)
  const { count } = b.reads
  await b.next(10)
  t.ok(b.reads.count >= count + 9, 'it reads itself')
  t.strictSame([a.unpublished.length, b.refusals.length], [1, 1], 'once')
  t.strictSame([...a.losses, ...b.losses], [])
})

t.test('a reading of another process and what is in transit are together the events of this process', async (t) => {
  const [reader, follower] = await startProcesses(t, ['a', 'b']) as [Process, Process]
  const { queue } = follower
  let [confirmed, admitted] = [0, 0]
  const off: string[] = []
  follower.monitor.onReading(({ depthByPriority, enqueuedByPriority }) => {
    const known = sum(depthByPriority) + queue.inTransit.count
    t.equal(sum(depthByPriority), sum(enqueuedByPriority))
    if (known < confirmed || known > 2 * admitted) off.push(`${known} of ${confirmed} to ${admitted}`)
  })
  const before = follower.reads.count
  for (let round = 0; round < 200; round++) {
    const batches = [1, 5, 5, 9].map((priority) => batchOf(1 + round % 7, priority))
    await Promise.all(batches.map(async (batch) => {
      const { length } = batch.events
      admitted += length
      queue.inTransit.recordAdmitted(length)
      await queue.inTransit.whileSending(length, 0, (onSent) => queue.add(batch, onSent))
      confirmed += length
    }))
  }
  t.strictSame(off, [])
  await follower.next()
  t.equal(queue.inTransit.count, 0)
  t.equal(sum(follower.readings.at(-1)?.depthByPriority ?? []), admitted)
  t.equal(follower.reads.count, before)
  t.equal(reader.queue.isReader, true)
})

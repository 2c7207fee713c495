import fc from 'fast-check'
import { LAST_RANK } from '../../../services/queue/rank.ts'
import t, { type Test } from 'tap'
import type { ReplaySelection } from '../../../services/dead-letters/replay.ts'
import { connectPatiently } from '../../patient-connection.ts'
import { eventually } from '../../../rig/eventually.ts'
import { startRedis } from '../../../rig/redis.ts'
import { figuresOf, byPriority, deadLettersIn } from '../queue/setup.ts'
import { begin, storeDeadLetters, deadLetterOf, startReplaying, type ReplayForTest } from './setup.ts'

async function queued ({ bullmq }: Pick<ReplayForTest, 'bullmq'>) {
  const jobs = await bullmq.getJobs(['waiting', 'prioritized', 'delayed'], 0, -1, true)
  return jobs.map(({ id, data, opts }) => ({ id, events: data.events, priority: opts.priority }))
}

async function untilDone (t: Test, { replays, step, errors }: ReplayForTest, id: string) {
  for (let steps = 0; steps < 100; steps++) {
    const replay = await replays.get(id)
    if (replay?.status === 'done') return replay
    await step()
  }
  t.strictSame(errors, [])
  throw new Error('the replay does not end')
}

t.test('moves every dead letter that a filter lets pass, at low priority and as it was', async (t) => {
  const started = await startReplaying(t)
  const { deadLetters, replays, queue } = started
  await storeDeadLetters(
    deadLetters,
    'a',
    Array.from({ length: 30 }, (_, index) =>
      deadLetterOf(`e${index}`, {
        type: index % 3 === 0 ? 'other' : 'x',
        priority: 1 + index % 2,
        completedSteps: ['rules'],
        organizationId: 'o'
      }))
  )
  const { id, ...begun } = await begin(replays, { filter: { type: 'x' } })
  t.match(begun, { status: 'running', matched: 20, replayed: 0, skipped: 0 })
  const done = await untilDone(t, started, id)
  t.match(done, { status: 'done', matched: 20, replayed: 20, skipped: 0, finishedAt: String, reason: undefined })
  t.strictSame(
    (await deadLettersIn(deadLetters)).map(({ event }) => event.type),
    Array.from({ length: 10 }, () => 'other')
  )
  const batches = await queued(started)
  const events = batches.flatMap(({ events }) => events)
  t.strictSame(
    events.map(({ id }) => id).toSorted(),
    Array.from({ length: 30 }, (_, index) => index).filter((index) => index % 3 !== 0).map((index) => `e${index}`)
      .toSorted()
  )
  for (const { events, priority } of batches) {
    t.equal(priority, LAST_RANK, 'behind all others')
    t.equal(new Set(events.map(({ priority }) => priority)).size, 1, 'a batch has events of one priority')
    t.ok(events.length <= 4)
  }
  t.strictSame(Object.keys(events[0]!).toSorted(), [
    'completedSteps',
    'id',
    'organizationId',
    'payload',
    'priority',
    'receivedAt',
    'type'
  ], 'attempts begin anew')
  t.match(await queue.sample(), { depthByPriority: byPriority({ 10: 20 }), enqueuedByPriority: byPriority({ 10: 20 }) })
  t.match(await figuresOf({ queue }), { kept: 10, replayed: 20 })
  t.equal(await started.connection.zcard(started.queue.keys.unfinishedReplays), 0)
})

t.test('moves the dead letters that are named, and tells of those that are not there', async (t) => {
  const started = await startReplaying(t)
  await storeDeadLetters(started.deadLetters, 'a', Array.from({ length: 12 }, (_, index) => deadLetterOf(`e${index}`)))
  const ids = (await deadLettersIn(started.deadLetters)).slice(0, 9).map(({ id }) => id)
  t.match(await started.replays.dryRun({ ids }), { matched: 9 })
  const replay = await begin(started.replays, { ids: [...ids, `d-${'0'.repeat(32)}`] })
  await started.deadLetters.delete(ids[4]!)
  t.match(await untilDone(t, started, replay.id), { matched: 9, replayed: 8, skipped: 2 })
  t.equal((await deadLettersIn(started.deadLetters)).length, 3)
})

t.test('a dead letter that dies again is not replayed again by the same replay', async (t) => {
  const started = await startReplaying(t)
  await storeDeadLetters(started.deadLetters, 'a', Array.from({ length: 12 }, (_, index) => deadLetterOf(`e${index}`)))
  const replay = await begin(started.replays, { filter: {} })
  await started.step()
  await storeDeadLetters(started.deadLetters, 'later', [deadLetterOf('e0')])
  t.match(await untilDone(t, started, replay.id), { replayed: 12, skipped: 0 })
  t.strictSame((await deadLettersIn(started.deadLetters)).map(({ event }) => event.id), ['e0'])
})

t.test('waits while there is no room, says why, and goes on by itself', async (t) => {
  let reason: string | undefined = 'warning-threshold'
  const started = await startReplaying(t, undefined, {
    spareCapacity: () => reason === undefined ? { batches: 2, events: 8, reason } : { batches: 0, events: 0, reason },
    now: () => 1e9
  })
  await storeDeadLetters(started.deadLetters, 'a', [deadLetterOf('a')])
  const { id } = await begin(started.replays, { filter: {} })
  await started.step()
  t.match(await started.replays.get(id), { status: 'paused', reason: 'warning-threshold', replayed: 0 })
  t.strictSame(await queued(started), [])
  reason = undefined
  t.match(await untilDone(t, started, id), { status: 'done', replayed: 1 })
})

t.test('can be cancelled; what was moved stays moved', async (t) => {
  const started = await startReplaying(t)
  await storeDeadLetters(started.deadLetters, 'a', Array.from({ length: 20 }, (_, index) => deadLetterOf(`e${index}`)))
  const { id } = await begin(started.replays, { filter: {} })
  await started.step()
  t.equal(await started.replays.cancel(id), true)
  await started.step()
  t.match(await started.replays.get(id), { status: 'cancelled', replayed: 8, finishedAt: String })
  t.equal(await started.replays.cancel(id), false)
  t.equal(await started.replays.cancel('none'), undefined)
  t.equal((await deadLettersIn(started.deadLetters)).length, 12)
})

t.test('several replays advance side by side', async (t) => {
  const started = await startReplaying(t)
  await storeDeadLetters(
    started.deadLetters,
    'a',
    Array.from({ length: 40 }, (_, index) => deadLetterOf(`e${index}`, { type: index < 32 ? 'long' : 'short' }))
  )
  const long = await begin(started.replays, { filter: { type: 'long' } })
  const short = await begin(started.replays, { filter: { type: 'short' } })
  await started.step()
  await started.step()
  await started.step()
  t.match(await started.replays.get(short.id), { replayed: 8 })
  t.match(await untilDone(t, started, long.id), { replayed: 32 })
})

t.test('nothing is taken out of a Redis that is full, and it goes on when there is room', async (t) => {
  const started = await startReplaying(t)
  await storeDeadLetters(started.deadLetters, 'a', Array.from({ length: 6 }, (_, index) => deadLetterOf(`e${index}`)))
  const { id } = await begin(started.replays, { filter: {} })
  await started.connection.config('SET', 'maxmemory', '1')
  const { engine, connection } = started
  engine.observe({ redisTimeMs: Date.now() } as never)
  await engine.idle()
  t.ok(started.errors.length > 0)
  t.equal((await deadLettersIn(started.deadLetters)).length, 6)
  t.strictSame(await queued(started), [])
  await connection.config('SET', 'maxmemory', '0')
  t.match(await untilDone(t, started, id), { replayed: 6, skipped: 0 })
  t.equal((await queued(started)).flatMap(({ events }) => events).length, 6)
})

t.test('a Redis that has forgotten its scripts moves a batch as a whole', async (t) => {
  const started = await startReplaying(t)
  await storeDeadLetters(started.deadLetters, 'a', Array.from({ length: 16 }, (_, index) => deadLetterOf(`e${index}`)))
  const { id } = await begin(started.replays, { filter: {} })
  await started.step()
  await started.connection.script('FLUSH')
  t.match(await untilDone(t, started, id), { replayed: 16, skipped: 0 })
  t.equal((await queued(started)).flatMap(({ events }) => events).length, 16)
})

t.test('one that lost its lease moves nothing', async (t) => {
  const redis = await startRedis(t)
  const first = await startReplaying(t, redis)
  const second = await startReplaying(t, redis)
  await storeDeadLetters(first.deadLetters, 'a', Array.from({ length: 12 }, (_, index) => deadLetterOf(`e${index}`)))
  const { id } = await begin(first.replays, { filter: {} })
  await first.step()
  await second.step()
  t.match(await first.replays.get(id), { replayed: 8 }, 'the first one holds it')
  await first.connection.set(first.queue.keys.replayLease, 'another')
  const deadLetter = (await deadLettersIn(first.deadLetters))[0]!
  const { newBatch } = await import('../../../services/queue/batch.ts')
  t.match(await first.store.move(id, newBatch(10, [deadLetter.event]), [deadLetter.id], undefined), {
    outcome: 'no-lease'
  })
  t.equal((await deadLettersIn(first.deadLetters)).length, 4)
  await first.connection.del(first.queue.keys.replayLease)
  t.match(await untilDone(t, second, id), { replayed: 12 })
  t.equal((await queued(first)).flatMap(({ events }) => events).length, 12)
})

t.test('the lease of one that stops is free at once', async (t) => {
  const redis = await startRedis(t)
  const first = await startReplaying(t, redis)
  const second = await startReplaying(t, redis)
  await storeDeadLetters(first.deadLetters, 'a', Array.from({ length: 12 }, (_, index) => deadLetterOf(`e${index}`)))
  const { id } = await begin(first.replays, { filter: {} })
  await first.step()
  await first.engine.stop()
  t.match(await untilDone(t, second, id), { replayed: 12 })
})

t.test('whatever dies and takes over, each dead letter is moved exactly once', async (t) => {
  const redis = await startRedis(t)
  const admin = connectPatiently(redis.url)
  t.teardown(async () => admin.disconnect())
  await eventually('connected', () => admin.status === 'ready')
  const selection = fc.constantFrom('filter', 'ids')
  const action = fc.constantFrom('step', 'kill in the middle', 'kill', 'delete', 'die anew', 'hang')
  await fc.assert(
    fc.asyncProperty(
      selection,
      fc.array(action, { minLength: 1, maxLength: 10 }),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 40 }),
      async (kind, actions, priorities) => {
        await admin.flushall()
        let process = await startReplaying(t, redis, { leaseMs: 30 })
        await storeDeadLetters(
          process.deadLetters,
          'a',
          priorities.map((priority, index) => deadLetterOf(`e${index}`, { priority }))
        )
        const deadLetters = await deadLettersIn(process.deadLetters)
        const what: ReplaySelection = kind === 'filter' ? { filter: {} } : { ids: deadLetters.map(({ id }) => id) }
        const { id } = await begin(process.replays, what)
        const deleted = new Set<string>()
        let anew = 0
        for (const action of actions) {
          if (action === 'step') await process.step()
          if (action === 'delete') {
            const victim = deadLetters[deleted.size * 7 % deadLetters.length]!
            if (await process.deadLetters.delete(victim.id)) deleted.add(victim.event.id)
          }
          if (action === 'die anew') await storeDeadLetters(process.deadLetters, `anew${anew++}`, [
              deadLetterOf('anew')
            ])
          if (action === 'kill') process = await startReplaying(t, redis, { leaseMs: 30 })
          if (action === 'kill in the middle' || action === 'hang') {
            process.engine.wake()
            const reading = await process.queue.sample()
            process.engine.observe({ ...reading, redisTimeMs: reading.redisTimeMs + 3_600_000 })
            for (let turns = 0; turns < priorities.length % 7; turns++)
              await new Promise((resolve) => {
                setImmediate(resolve)
              })
            // A command that was sent may still arrive, as it does when a process that hung wakes up.
            if (action === 'kill in the middle') process.connection.disconnect()
            process = await startReplaying(t, redis, { leaseMs: 30 })
          }
        }
        const done = await untilDone(t, process, id)
        const moved = (await queued(process)).flatMap(({ events }) => events).map((event) => event.id)
        const left = (await deadLettersIn(process.deadLetters)).map(({ event }) => event.id)
        const expected = deadLetters.map(({ event }) => event.id).filter((id) => !deleted.has(id))
        const all = moved.toSorted().join()
        if (all !== expected.toSorted().join()) throw new Error(`moved ${all} instead of ${expected.join()}`)
        if (left.length !== anew) throw new Error(`left ${left.join()}`)
        if (done.replayed !== moved.length || done.replayed + done.skipped !== deadLetters.length)
          throw new Error(JSON.stringify(done))
        const { depthByPriority } = await process.queue.sample()
        if (depthByPriority[10] !== moved.length) throw new Error(`the ledger has ${depthByPriority[10]}`)
      }
    ),
    { numRuns: 40 }
  )
})

import t, { type Test } from 'tap'
import { QUEUE_NAME } from '../../services/queue/keys.ts'
import { idempotencyDigest } from '../../services/event/idempotency-key.ts'
import { connectPatiently } from '../patient-connection.ts'
import { eventHandler, metric, post, startApp } from '../app.ts'
import { bullmqOf } from '../bullmq.ts'
import { capturedLog } from '../captured-log.ts'
import { eventually } from '../../rig/eventually.ts'
import type { Redis } from '../../services/redis/connection.ts'
import { begin } from '../services/dead-letters/setup.ts'
import { eventsOf, deadLettersIn } from '../services/queue/setup.ts'
import { changeType, DAMAGEABLE_KEYS } from './damage.ts'

const BOARD = `/admin/queues/api/queues`

async function startDamaged (t: Test) {
  const { lines, log } = capturedLog('error')
  const { app, redis } = await startApp(t, { log })
  const connection = connectPatiently(redis.url)
  connection.on('error', () => {})
  t.teardown(async () => connection.disconnect())
  await eventually('the connection is ready', () => connection.status === 'ready')
  const { keys } = app.queue
  /** Keys that were renamed aside in place of this one. */
  const asidesOf = (key: string) => connection.keys(keys.aside(key, '*').replace(/[{}]/g, '?'))
  const owed: number[] = []
  /** All that has to go on, whatever is damaged. */
  const expectToGoOn = async (what: string) => {
    const payload = owed.length
    const answer = await post(app, { type: 'x', payload })
    t.equal(answer.statusCode, 202, `${what}: an event is taken`)
    if (answer.statusCode === 202) owed.push(payload)
    // A reading after the damage: it is the reader that repairs.
    const { redisTimeMs } = await app.queue.sample()
    await eventually(
      `${what}: the queue is read`,
      () => app.backpressure.signals.isDepthKnown && (app.queueMonitor.reading?.redisTimeMs ?? 0) >= redisTimeMs
    )
    for (const url of [
      '/api/v1/dead-letters', '/api/v1/dead-letters/replays', '/api/v1/metrics/queue',
      `/api/v1/events/${answer.json().id}`, BOARD
    ]) {
      t.equal((await app.inject(url)).statusCode, 200, `${what}: ${url}`)
    }
  }
  return { app, redis, connection, keys, asidesOf, log, lines, owed, expectToGoOn }
}

t.test('one damaged entry in Redis stops nothing, and nothing that was acknowledged is lost', async (t) => {
  const { app, redis, connection, keys, asidesOf, lines, owed, expectToGoOn } = await startDamaged(t)
  await app.deadLetters.add('5-1-0-batch', [
    { index: 0, deadLetter: { event: eventsOf(1)[0] as never, reason: 'refused', error: 'no', attempts: 1 } }
  ])
  await expectToGoOn('before')
  for (const { of, type, garbage } of DAMAGEABLE_KEYS) {
    const key = of(keys)
    const name = key.slice(keys.root.length + 1)
    await garbage?.(connection, key)
    await expectToGoOn(`garbage in ${name}`)
    await changeType(connection, key, type)
    await expectToGoOn(`${name} of another type`)
    await app.queue.mend()
    t.ok(['none', type].includes(await connection.type(key)), `${name} is what it has to be again`)
    t.equal((await asidesOf(key)).length > 0, true, `${name} is kept aside`)
    t.ok(lines.some((line) => line.event === 'key-damaged' && line.key === key), `${name} is named in the log`)
  }
  t.equal((await deadLettersIn(app.deadLetters)).length, 1, 'the dead letter is listed again')
  await app.queue.recount()
  t.equal((await app.queue.sample()).depthByPriority[5], owed.length)
  t.equal((await app.queue.sample()).balance.imbalance.queue, 0, 'a ledger that was built again adds up')

  const handled = new Set<unknown>()
  const { app: worker } = await startApp(t, {
    redis,
    env: { ROLE: 'worker' },
    handlers: [
      eventHandler(({ payload }) => {
        handled.add(payload)
        return { status: 'done' }
      })
    ]
  })
  await eventually('every event that was answered 202 is handled', () => owed.every((payload) => handled.has(payload)))
  await eventually('nothing is in the queue', async () => (await worker.queue.sample()).depthByPriority[5] === 0)
})

t.test('a damaged dead letter, replay, remembered id or job concerns itself alone', async (t) => {
  const { app, connection, keys, expectToGoOn, lines } = await startDamaged(t)
  await app.deadLetters.add(
    '5-4-0-batch',
    [0, 1, 2, 3].map((index) => ({
      index,
      deadLetter: { event: eventsOf(4)[index] as never, reason: 'refused', error: 'no', attempts: 1 }
    }))
  )
  const [first, second, third, fourth] = (await deadLettersIn(app.deadLetters)).map(
    ({ id }) => keys.deadLetter(id)
  ) as [string, string, string, string]
  await connection.hset(first, 'text', (await connection.hget(first, 'text') as string).replace('"error":"no"', '"error":"on"'))
  await connection.hset(second, 'text', '{"event":{"id":"x"},"reason":7}')
  await changeType(connection, third, 'hash')
  await expectToGoOn('dead letters that cannot be read')
  t.strictSame(
    (await app.inject('/api/v1/dead-letters'))
      .json()
      .deadLetters.map(({ id }: { id: string }) => keys.deadLetter(id)),
    [fourth]
  )
  t.equal(lines.filter((line) => line.key === first).length, 1, 'each is named once')
  t.equal((await app.inject(`/api/v1/dead-letters/${first.split(':').at(-1)}`)).statusCode, 404)
  t.equal(
    (await app.inject({ method: 'DELETE', url: `/api/v1/dead-letters/${third.split(':').at(-1)}` })).statusCode,
    204
  )

  const replay = async () => (await begin(app.replays, { ids: ['d-0'] })).id
  const [one, two, three] = [await replay(), await replay(), await replay()]
  await connection.set(keys.replayIds(one), 'words')
  await changeType(connection, keys.replay(two), 'hash')
  await connection.hset(keys.replay(three), 'createdAt', 'yesterday')
  await expectToGoOn('replays that cannot be read')
  for (const id of [`${one}:ids`, two, 'x']) {
    t.equal((await app.inject(`/api/v1/dead-letters/replays/${encodeURIComponent(id)}`)).statusCode, 404, id)
  }
  for (const id of [one, two, three]) await app.replays.cancel(id)

  const digest = idempotencyDigest({ organizationId: undefined, id: 'known' } as never) as string
  for (const damage of [
    () => connection.set(keys.seen(digest), 'words'),
    () => changeType(connection, keys.seen(digest), 'string')
  ]) {
    await damage()
    t.equal(
      (await post(app, { id: 'known', type: 'x', payload: 1 })).statusCode,
      202,
      'an id whose memory cannot be read'
    )
    await connection.del(keys.seen(digest))
  }

  const [job, other] = (await bullmqOf(app).getJobs(['prioritized'])).map(({ id }) => id as string) as [
    string, string
  ]
  await connection.hset(keys.jobs.of(job), 'data', '{"events":')
  await changeType(connection, keys.jobs.of(other), 'hash')
  await expectToGoOn('jobs that cannot be read')
  for (const id of [job, other, 'events', 'meta', 'ledger', 'wait']) {
    t.equal((await app.inject(`${BOARD}/${QUEUE_NAME}/${id}`)).statusCode, 404, `${id} in the job browser`)
  }
  for (const id of [job, other]) t.equal((await app.inject(`/api/v1/events/${id}.0`)).statusCode, 404, 'its receipt')
})

t.test('a worker gets past a job that cannot be read', async (t) => {
  const { app, redis, connection, keys, asidesOf, owed, expectToGoOn } = await startDamaged(t)
  await expectToGoOn('before')
  const [damaged] = (await bullmqOf(app).getJobs(['prioritized'])).map(({ id }) => id as string) as [string]
  await connection.hset(keys.jobs.of(damaged), 'data', '{"events":')
  await expectToGoOn('after')
  const handled = new Set<unknown>()
  await startApp(t, {
    redis,
    env: { ROLE: 'worker' },
    handlers: [
      eventHandler(({ payload }) => {
        handled.add(payload)
        return { status: 'done' }
      })
    ]
  })
  await eventually('the other event is handled', () => handled.has(owed[1]))
  await eventually(
    'the damaged one is kept aside',
    async () => (await asidesOf(keys.jobs.of(damaged))).length === 1
  )
  await eventually('and is in work no more', async () => await connection.llen(keys.jobs.active) === 0)
})

/** Changes of the data of a batch that a parser of JSON does not notice, and one that it does. */
const CHANGES: Readonly<Record<string, (data: string) => string>> = {
  'another payload': (data) => data.replace('"payload":', '"payload":9'),
  'another type': (data) => data.replace('"type":"x"', '"type":"y"'),
  'another time': (data) => data.replace('"receivedMs":[1', '"receivedMs":[2'),
  'another secret': (data) => data.replace('"secret":"', '"secreu":"'),
  'no events': (data) => data.replace('"events"', '"evdnts"'),
  'another checksum': (data) => data.replace(/(?<="crc32":"[0-9a-f]{7})./, (digit) => digit === '0' ? '1' : '0'),
  'no JSON': (data) => data.replace('{"events":[', '{"events":;')
}

t.test('a batch whose data have changed is never delivered, and everything else is', async (t) => {
  const { app, redis, connection, keys, asidesOf, log, lines, owed, expectToGoOn } = await startDamaged(t)
  const changed = new Map<string, string>()
  for (const what of Object.keys(CHANGES)) {
    const { id } = (await post(app, { type: 'x', payload: 1_000 })).json()
    changed.set(what, id)
  }
  await expectToGoOn('before')
  const damaged = [...changed].map(([what, id]) => {
    const batchId = id.split('.')[0] as string
    return { what, id, batchId, key: keys.jobs.of(batchId), change: CHANGES[what] as (data: string) => string }
  })
  for (const { what, key, change } of damaged) {
    const data = await connection.hget(key, 'data') as string
    t.not(change(data), data, what)
    await connection.hset(key, 'data', change(data))
  }
  for (const { what, id } of damaged) {
    t.equal((await app.inject(`/api/v1/events/${id}`)).statusCode, 404, `${what}: the receipt tells nothing wrong`)
  }
  const handled: unknown[] = []
  const { app: worker } = await startApp(t, {
    redis,
    env: { ROLE: 'worker' },
    log,
    handlers: [
      eventHandler(({ payload }) => {
        handled.push(payload)
        return { status: 'done' }
      })
    ]
  })
  await expectToGoOn('after')
  await eventually('all other events are handled', () => owed.every((payload) => handled.includes(payload)))
  await eventually('no batch is in work', async () => await connection.llen(keys.jobs.active) === 0)
  t.strictSame(handled, owed, 'no other event is delivered')
  for (const { what, batchId, key } of damaged) {
    const [aside, ...more] = await asidesOf(key)
    t.ok(aside !== undefined && more.length === 0, `${what}: its job is kept`)
    t.match(lines.filter((line) => line.event === 'batch-damaged' && line.batch === batchId), [
      { level: 50, priority: 5, events: 1, key, keptAs: aside }
    ])
  }
  const counts = await Promise.all([app, worker].map((each) => metric(each, 'spillway_queue_damaged_events_total')))
  t.equal(counts[0]! + counts[1]!, damaged.length)
  await app.queue.recount()
  t.equal((await app.queue.sample()).balance.imbalance.queue, damaged.length, 'the ledger shows how many are lost')
})

t.test('a batch of an earlier version, which has no checksum, is delivered', async (t) => {
  const { app, redis, connection, keys, owed, expectToGoOn } = await startDamaged(t)
  await expectToGoOn('before')
  await withoutChecksums(connection, (await bullmqOf(app).getJobs(['prioritized'])).map(({ id }) => keys.jobs.of(id as string)))
  const handled: unknown[] = []
  await startApp(t, {
    redis,
    env: { ROLE: 'worker' },
    handlers: [
      eventHandler(({ payload }) => {
        handled.push(payload)
        return { status: 'done' }
      })
    ]
  })
  await eventually('it is handled', () => owed.every((payload) => handled.includes(payload)))
})

async function withoutChecksums (connection: Redis, jobs: readonly string[]): Promise<void> {
  for (const job of jobs) {
    const data = await connection.hget(job, 'data') as string
    await connection.hset(job, 'data', data.replace(/,"crc32":"\w+"\}$/, '}'))
  }
}

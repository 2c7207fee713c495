/* Refusals while the memory of Redis runs out, and afterwards. */
import t from 'tap'
import { post, startApp, storedEvents } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis } from '../../../../rig/redis.ts'
import { assertShed } from './setup.ts'

t.test('refuses with queue-bytes, then queue-full, before Redis is at its memory limit, and critical events last', async (t) => {
  const { app } = await startApp(t)
  // So much that what connections need does not matter.
  await app.redis.setrange('ballast', 50_000_000, 'x')
  const used = Number(/^used_memory:(\d+)/m.exec(await app.redis.info('memory'))?.[1])
  const useMemory = async (share: number) => {
    await app.redis.config('SET', 'maxmemory', share === 0 ? '0' : String(Math.round(used / share)))
    await eventually(`${share} of the memory is seen to be used`, () => {
      const { usedBytes, capacityBytes = Infinity } = app.backpressure.signals.memory
      return share === 0 || Math.abs(usedBytes / capacityBytes - share) < 0.015
    })
  }
  const answers = async () =>
    [await post(app, { type: 'x', payload: 1, priority: 1 }), await post(app, { type: 'x', payload: 1 })] as const
  await useMemory(0.6)
  t.strictSame((await answers()).map(({ statusCode }) => statusCode), [202, 202])
  await useMemory(0.8)
  const [critical, normal] = await answers()
  t.equal(critical.statusCode, 202)
  assertShed(t, normal, { reason: 'queue-bytes', priority: 5, circuitState: 'OPEN', detail: /bytes/ }, 'normal')
  await useMemory(0.95)
  for (const [index, answer] of (await answers()).entries())
    assertShed(t, answer, { reason: 'queue-full' }, index === 0 ? 'critical' : 'normal')
  await useMemory(0)
  await eventually('the circuit is closed', () => app.backpressure.signals.circuitState === 'CLOSED')
  t.strictSame((await answers()).map(({ statusCode }) => statusCode), [202, 202])
})

for (const isWarm of [true, false]) {
  t.test(`answers queue-full while Redis is out of memory and stores again afterwards, ${isWarm ? 'having written before' : 'on a fresh connection'}`, async (t) => {
    const { app } = await startApp(t, { env: { ENABLE_BACKPRESSURE: 'false' } })
    let accepted = 0
    if (isWarm) accepted += Number((await post(app, { type: 'x', payload: 1 })).statusCode === 202)
    await app.redis.config('SET', 'maxmemory', '1')
    for (const priority of [1, 5]) {
      assertShed(
        t,
        await post(app, { type: 'x', payload: 1, priority }),
        { reason: 'queue-full', priority },
        `priority ${priority}`
      )
    }
    await app.redis.config('SET', 'maxmemory', '0')
    for (const priority of [1, 5, 10]) {
      t.equal(
        (await post(app, { type: 'x', payload: 1, priority })).statusCode,
        202,
        `priority ${priority} is stored again`
      )
      accepted++
    }
    t.equal((await storedEvents(app)).length, accepted)
  })
}

t.test('stores whole events only as Redis runs out of memory, and goes on when it has more', async (t) => {
  const redis = await startRedis(t, { extraArgs: ['--maxmemory', '4mb'] })
  const { app } = await startApp(t, { redis, env: { ENABLE_BACKPRESSURE: 'false' } })
  const payload = 'x'.repeat(200_000)
  const accepted: string[] = []
  let answer = await post(app, { type: 'x', payload })
  for (; answer.statusCode === 202; answer = await post(app, { type: 'x', payload })) accepted.push(answer.json().id)
  t.ok(accepted.length > 0)
  assertShed(t, answer, { reason: 'queue-full' }, 'what finds no room')
  await app.redis.config('SET', 'maxmemory', '0')
  const last = await eventually('events are stored again', async () => {
    const answer = await post(app, { type: 'x', payload: 'after' })
    return answer.statusCode === 202 && answer.json().id as string
  })
  t.strictSame(
    (await storedEvents(app)).map(({ id }) => id).toSorted(),
    [...accepted, last].toSorted(),
    'every event that was answered 202 and no other'
  )
  const jobs = await app.redis.keys(app.queue.keys.jobs.of('5-*'))
  t.equal(jobs.length, accepted.length + 1, 'no job is left that no list knows')
  await eventually('the ledger agrees', () => app.backpressure.signals.depth === accepted.length + 1)
})

import t from 'tap'
import { DeadLetterStore } from '../../../services/dead-letters/dead-letter-store.ts'
import type { DeadLetterFilter } from '../../../services/dead-letters/dead-letter.ts'
import { KEYS } from '../../queue-keys.ts'
import { figuresOf, deadLettersIn, startQueue } from '../queue/setup.ts'
import { storeDeadLetters, deadLetterOf } from './setup.ts'

t.test('keeps all that is known of each dead letter, in the order in which they died', async (t) => {
  const { deadLetters } = await startQueue(t)
  await storeDeadLetters(deadLetters, '5-2-0-a', [
    deadLetterOf('a'),
    deadLetterOf('b', { organizationId: 'o' }, { reason: 'refused', error: 'unusable', attempts: 1 })
  ])
  await storeDeadLetters(deadLetters, '5-1-0-b', [deadLetterOf('c')])
  const stored = await deadLettersIn(deadLetters)
  t.strictSame(stored.map(({ id: _id, diedAt: _diedAt, ...deadLetter }) => deadLetter), [
    { ...deadLetterOf('a'), receivedAt: '2026-03-01T10:00:00.000Z' },
    {
      ...deadLetterOf('b', { organizationId: 'o' }, { reason: 'refused', error: 'unusable', attempts: 1 }),
      receivedAt: '2026-03-01T10:00:00.000Z'
    },
    { ...deadLetterOf('c'), receivedAt: '2026-03-01T10:00:00.000Z' }
  ])
  for (const deadLetter of stored) {
    t.match(deadLetter.diedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    t.strictSame(await deadLetters.get(deadLetter.id), deadLetter)
  }
  t.equal(await deadLetters.get('d-00'), undefined)
})

t.test('the same dead letter of the same batch is kept once, and does not come back once it was taken out', async (t) => {
  const { deadLetters } = await startQueue(t)
  await storeDeadLetters(deadLetters, '5-3-0-a', [deadLetterOf('a'), deadLetterOf('b')])
  await storeDeadLetters(deadLetters, '5-3-0-a', [
    deadLetterOf('a', {}, { error: 'another' }),
    deadLetterOf('b'),
    deadLetterOf('c')
  ])
  t.strictSame((await deadLettersIn(deadLetters)).map(({ event, error }) => `${event.id} ${error}`), [
    'a no',
    'b no',
    'c no'
  ], 'as it was first')
  const [first] = await deadLettersIn(deadLetters)
  t.equal(await deadLetters.delete(first!.id), true)
  t.equal(await deadLetters.delete(first!.id), false)
  t.equal(await deadLetters.get(first!.id), undefined)
  await storeDeadLetters(deadLetters, '5-3-0-a', [deadLetterOf('a'), deadLetterOf('b'), deadLetterOf('c')])
  t.strictSame((await deadLettersIn(deadLetters)).map(({ event }) => event.id), ['b', 'c'])
  await storeDeadLetters(deadLetters, '5-3-0-b', [deadLetterOf('a')])
  t.equal((await deadLettersIn(deadLetters)).length, 3, 'another batch has dead letters of its own')
})

t.test('a dead letter is found by the batch and the index of its event', async (t) => {
  const { deadLetters } = await startQueue(t)
  await deadLetters.add('5-3-0-a', [{ index: 0, deadLetter: deadLetterOf('a') }, {
    index: 2,
    deadLetter: deadLetterOf('c')
  }])
  t.match(await deadLetters.fateOf('5-3-0-a', 2), {
    status: 'kept', deadLetter: { id: /^d-[0-9a-f]{32}$/, ...deadLetterOf('c') }
  })
  for (const [batchId, index] of [['5-3-0-a', 1], ['5-3-0-b', 2]] as const) {
    t.equal(await deadLetters.fateOf(batchId, index), undefined)
  }
})

t.test('finds what a filter lets pass, page by page', async (t) => {
  const { deadLetters } = await startQueue(t)
  await storeDeadLetters(
    deadLetters,
    'first',
    Array.from({ length: 2_500 }, (_, index) =>
      deadLetterOf(`a${index}`, {
        type: index % 2 === 0 ? 'even' : 'odd',
        ...(index % 5 === 0 && { organizationId: 'fifth' })
      }, { reason: index % 3 === 0 ? 'refused' : 'attempts-exhausted' }))
  )
  const between = (await deadLettersIn(deadLetters)).at(-1)!.diedAt
  const [middle] = (await deadLettersIn(deadLetters)).map(({ diedAt }) => Date.parse(diedAt)).slice(-1)
  await new Promise((resolve) => { setTimeout(resolve, 20) })
  await storeDeadLetters(deadLetters, 'second', [deadLetterOf('later', { type: 'even' })])
  const table: [DeadLetterFilter, number][] = [
    [{}, 2_501],
    [{ type: 'even' }, 1_251],
    [{ type: 'none' }, 0],
    [{ organizationId: 'fifth' }, 500],
    [{ reason: 'refused' }, 834],
    [{ type: 'even', organizationId: 'fifth', reason: 'refused' }, 84],
    [{ to: middle! }, 2_500],
    [{ from: middle! + 1 }, 1],
    [{ type: 'odd', from: middle! + 1 }, 0],
    [{ from: 0, to: Date.parse(between) }, 2_500],
    [{ from: middle! + 3_600_000 }, 0]
  ]
  for (const [filter, count] of table) {
    const claim = JSON.stringify(filter)
    t.equal(await deadLetters.count(filter), count, claim)
    const found: string[] = []
    let after: string | undefined
    do {
      const page = await deadLetters.list(filter, { after, limit: 300, mostCalls: 1 })
      t.ok(page.deadLetters.length <= 300)
      found.push(...page.deadLetters.map(({ id }) => id))
      after = page.next
    } while (after !== undefined)
    t.strictSame([found.length, new Set(found).size], [count, count], claim)
  }
})

t.test('a page of large dead letters ends early', async (t) => {
  const { deadLetters } = await startQueue(t)
  for (let index = 0; index < 6; index++)
    await storeDeadLetters(deadLetters, `b${index}`, [deadLetterOf('a', { payload: 'x'.repeat(1_500_000) })])
  const page = await deadLetters.scan({}, { limit: 100 })
  t.equal(page.deadLetters.length, 3)
  t.equal((await deadLetters.scan({}, { after: page.next, limit: 100 })).deadLetters.length, 3)
})

t.test('deletes what a filter lets pass and nothing else', async (t) => {
  const { deadLetters, connection, queue } = await startQueue(t)
  await storeDeadLetters(
    deadLetters,
    'a',
    Array.from({ length: 2_200 }, (_, index) => deadLetterOf(`a${index}`, { type: index % 2 === 0 ? 'even' : 'odd' }))
  )
  t.equal(await deadLetters.deleteMatching({ type: 'even' }), 1_100)
  t.match(await figuresOf({ queue }), { kept: 1_100, discarded: 0, replayed: 0 })
  t.ok((await deadLettersIn(deadLetters)).every(({ event }) => event.type === 'odd'))
  await connection.config('SET', 'maxmemory', '1')
  t.equal(await deadLetters.deleteMatching({}), 1_100, 'also when Redis is full')
  t.equal((await figuresOf({ queue })).kept, 0)
})

t.test('the oldest go when there are too many, and are counted', async (t) => {
  const { connection, queue } = await startQueue(t)
  const discarded: number[] = []
  const store = new DeadLetterStore(connection, KEYS, {
    mostDeadLetters: 5,
    onDiscarded: (count) => {
      discarded.push(count)
    }
  })
  await storeDeadLetters(store, 'a', ['a', 'b', 'c', 'd'].map((id) => deadLetterOf(id)))
  await storeDeadLetters(store, 'b', ['e', 'f', 'g'].map((id) => deadLetterOf(id)))
  t.strictSame((await deadLettersIn(store)).map(({ event }) => event.id), ['c', 'd', 'e', 'f', 'g'])
  await storeDeadLetters(store, 'c', Array.from({ length: 9 }, (_, index) => deadLetterOf(String(index))))
  t.strictSame((await deadLettersIn(store)).map(({ event }) => event.id), ['4', '5', '6', '7', '8'])
  t.strictSame(discarded, [2, 9])
  t.match(await figuresOf({ queue }), { kept: 5, discarded: 11, replayed: 0 })
  t.equal((await connection.keys(`${KEYS.deadLetterPrefix}*`)).length, 5, 'nothing is left of those that went')
})

t.test('dead letters that find no memory reject as a whole, and may be added again', async (t) => {
  const { deadLetters, connection } = await startQueue(t)
  await connection.config('SET', 'maxmemory', '1')
  await t.rejects(storeDeadLetters(deadLetters, 'a', [deadLetterOf('a'), deadLetterOf('b')]), { message: /OOM/ })
  await connection.config('SET', 'maxmemory', '0')
  t.strictSame(await deadLettersIn(deadLetters), [])
  await storeDeadLetters(deadLetters, 'a', [deadLetterOf('a'), deadLetterOf('b')])
  t.equal((await deadLettersIn(deadLetters)).length, 2)
})

t.test('dead letters while Redis is away reject', async (t) => {
  const { redis, deadLetters } = await startQueue(t)
  await redis.kill()
  await t.rejects(storeDeadLetters(deadLetters, 'a', [deadLetterOf('a')]))
})

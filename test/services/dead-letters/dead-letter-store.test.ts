import t from 'tap'
import { DeadLetterStore } from '../../../services/dead-letters/dead-letter-store.ts'
import type { LetterFilter } from '../../../services/dead-letters/dead-letter.ts'
import { KEYS } from '../../queue-keys.ts'
import { lettersIn, startQueue } from '../queue/setup.ts'
import { bury, letterOf } from './setup.ts'

t.test('keeps all that is known of each letter, in the order in which they died', async (t) => {
  const { deadLetters } = await startQueue(t)
  await bury(deadLetters, '5-2-a', [letterOf('a'), letterOf('b', { organizationId: 'o' }, { reason: 'refused', error: 'unusable', attempts: 1 })])
  await bury(deadLetters, '5-1-b', [letterOf('c')])
  const letters = await lettersIn(deadLetters)
  t.strictSame(letters.map(({ id: _id, diedAt: _diedAt, ...letter }) => letter), [
    { ...letterOf('a'), receivedAt: '2026-03-01T10:00:00.000Z' },
    { ...letterOf('b', { organizationId: 'o' }, { reason: 'refused', error: 'unusable', attempts: 1 }), receivedAt: '2026-03-01T10:00:00.000Z' },
    { ...letterOf('c'), receivedAt: '2026-03-01T10:00:00.000Z' }
  ])
  for (const letter of letters) {
    t.match(letter.diedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    t.strictSame(await deadLetters.get(letter.id), letter)
  }
  t.equal(await deadLetters.get('d-00'), undefined)
})

t.test('the same letter of the same batch is kept once, and does not come back once it was taken out', async (t) => {
  const { deadLetters } = await startQueue(t)
  await bury(deadLetters, '5-3-a', [letterOf('a'), letterOf('b')])
  await bury(deadLetters, '5-3-a', [letterOf('a', {}, { error: 'another' }), letterOf('b'), letterOf('c')])
  t.strictSame((await lettersIn(deadLetters)).map(({ event, error }) => `${event.id} ${error}`), ['a no', 'b no', 'c no'], 'as it was first')
  const [first] = await lettersIn(deadLetters)
  t.equal(await deadLetters.delete(first!.id), true)
  t.equal(await deadLetters.delete(first!.id), false)
  t.equal(await deadLetters.get(first!.id), undefined)
  await bury(deadLetters, '5-3-a', [letterOf('a'), letterOf('b'), letterOf('c')])
  t.strictSame((await lettersIn(deadLetters)).map(({ event }) => event.id), ['b', 'c'])
  await bury(deadLetters, '5-3-b', [letterOf('a')])
  t.equal((await lettersIn(deadLetters)).length, 3, 'another batch has letters of its own')
})

t.test('a letter is found by the batch and the index of its event', async (t) => {
  const { deadLetters } = await startQueue(t)
  await deadLetters.add('5-3-a', [{ index: 0, letter: letterOf('a') }, { index: 2, letter: letterOf('c') }])
  t.match(await deadLetters.fateOf('5-3-a', 2), {
    status: 'kept', letter: { id: /^d-[0-9a-f]{32}$/, ...letterOf('c') }
  })
  for (const [batchId, index] of [['5-3-a', 1], ['5-3-b', 2]] as const) {
    t.equal(await deadLetters.fateOf(batchId, index), undefined)
  }
})

t.test('finds what a filter lets pass, page by page', async (t) => {
  const { deadLetters } = await startQueue(t)
  await bury(deadLetters, 'first', Array.from({ length: 2_500 }, (_, index) =>
    letterOf(`a${index}`, { type: index % 2 === 0 ? 'even' : 'odd', ...(index % 5 === 0 && { organizationId: 'fifth' }) }, { reason: index % 3 === 0 ? 'refused' : 'attempts-exhausted' })))
  const between = (await lettersIn(deadLetters)).at(-1)!.diedAt
  const [middle] = (await lettersIn(deadLetters)).map(({ diedAt }) => Date.parse(diedAt)).slice(-1)
  await new Promise((resolve) => { setTimeout(resolve, 20) })
  await bury(deadLetters, 'second', [letterOf('later', { type: 'even' })])
  const table: [LetterFilter, number][] = [
    [{}, 2_501], [{ type: 'even' }, 1_251], [{ type: 'none' }, 0], [{ organizationId: 'fifth' }, 500], [{ reason: 'refused' }, 834],
    [{ type: 'even', organizationId: 'fifth', reason: 'refused' }, 84], [{ to: middle! }, 2_500], [{ from: middle! + 1 }, 1], [{ type: 'odd', from: middle! + 1 }, 0],
    [{ from: 0, to: Date.parse(between) }, 2_500], [{ from: middle! + 3_600_000 }, 0]
  ]
  for (const [filter, count] of table) {
    const claim = JSON.stringify(filter)
    t.equal(await deadLetters.count(filter), count, claim)
    const found: string[] = []
    let after: string | undefined
    do {
      const page = await deadLetters.list(filter, { after, limit: 300, mostCalls: 1 })
      t.ok(page.letters.length <= 300)
      found.push(...page.letters.map(({ id }) => id))
      after = page.next
    } while (after !== undefined)
    t.strictSame([found.length, new Set(found).size], [count, count], claim)
  }
})

t.test('a page of large letters ends early', async (t) => {
  const { deadLetters } = await startQueue(t)
  for (let index = 0; index < 6; index++) await bury(deadLetters, `b${index}`, [letterOf('a', { payload: 'x'.repeat(1_500_000) })])
  const { letters, next } = await deadLetters.scan({}, { limit: 100 })
  t.equal(letters.length, 3)
  t.equal((await deadLetters.scan({}, { after: next, limit: 100 })).letters.length, 3)
})

t.test('deletes what a filter lets pass and nothing else', async (t) => {
  const { deadLetters, connection } = await startQueue(t)
  await bury(deadLetters, 'a', Array.from({ length: 2_200 }, (_, index) => letterOf(`a${index}`, { type: index % 2 === 0 ? 'even' : 'odd' })))
  t.equal(await deadLetters.deleteMatching({ type: 'even' }), 1_100)
  t.match(await deadLetters.figures(), { kept: 1_100, discarded: 0, replayed: 0 })
  t.ok((await lettersIn(deadLetters)).every(({ event }) => event.type === 'odd'))
  await connection.config('SET', 'maxmemory', '1')
  t.equal(await deadLetters.deleteMatching({}), 1_100, 'also when Redis is full')
  t.equal((await deadLetters.figures()).kept, 0)
})

t.test('the oldest go when there are too many, and are counted', async (t) => {
  const { connection } = await startQueue(t)
  const discarded: number[] = []
  const store = new DeadLetterStore(connection, KEYS, { mostLetters: 5, onDiscarded: (count) => { discarded.push(count) } })
  await bury(store, 'a', ['a', 'b', 'c', 'd'].map((id) => letterOf(id)))
  await bury(store, 'b', ['e', 'f', 'g'].map((id) => letterOf(id)))
  t.strictSame((await lettersIn(store)).map(({ event }) => event.id), ['c', 'd', 'e', 'f', 'g'])
  await bury(store, 'c', Array.from({ length: 9 }, (_, index) => letterOf(String(index))))
  t.strictSame((await lettersIn(store)).map(({ event }) => event.id), ['4', '5', '6', '7', '8'])
  t.strictSame(discarded, [2, 9])
  t.match(await store.figures(), { kept: 5, discarded: 11, replayed: 0 })
  t.equal((await connection.keys(`${KEYS.deadLetterPrefix}*`)).length, 5, 'nothing is left of those that went')
})

t.test('letters that find no memory reject as a whole, and may be added again', async (t) => {
  const { deadLetters, connection } = await startQueue(t)
  await connection.config('SET', 'maxmemory', '1')
  await t.rejects(bury(deadLetters, 'a', [letterOf('a'), letterOf('b')]), { message: /OOM/ })
  await connection.config('SET', 'maxmemory', '0')
  t.strictSame(await lettersIn(deadLetters), [])
  await bury(deadLetters, 'a', [letterOf('a'), letterOf('b')])
  t.equal((await lettersIn(deadLetters)).length, 2)
})

t.test('letters while Redis is away reject', async (t) => {
  const { redis, deadLetters } = await startQueue(t)
  await redis.kill()
  await t.rejects(bury(deadLetters, 'a', [letterOf('a')]))
})

import fc from 'fast-check'
import t, { type Test } from 'tap'
import { ADMISSION_OUTCOMES } from '../../../services/ledger/admission-ledger.ts'
import { QueueKeys } from '../../../services/queue/keys.ts'
import { StatementStore } from '../../../services/statements/statement-store.ts'
import { newTally, FIELD_INDEX, type TallyField } from '../../../services/statements/tally.ts'
import type { BookedTallies, BookedTally } from '../../../services/statements/statement-book.ts'
import { startRedis, type RedisProcess } from '../../../rig/redis.ts'
import { startQueue } from '../queue/setup.ts'

type Counts = Partial<Record<TallyField, number>>

const redis = await startRedis(t)

function tallyOf (counts: Counts) {
  const tally = newTally()
  for (const [field, events] of Object.entries(counts)) tally[FIELD_INDEX[field as TallyField]] = events
  return tally
}

const bookedOf = (named: Readonly<Record<string, Counts>>, others: Counts = {}, ageMs = 0): BookedTallies => ({
  named: Object.entries(named).map(([organizationId, counts]): BookedTally =>
    ({ organizationId, tally: tallyOf(counts), ageMs })),
  others: tallyOf(others)
})

let namespaces = 0

/** Statements of a namespace of their own, and what reads them. */
async function startStore (
  t: Test, { mostStatements, server = redis }: { mostStatements?: number, server?: RedisProcess } = {}
) {
  const { connection, queue } = await startQueue(t, server)
  const keys = new QueueKeys(`statements-${namespaces++}`)
  const open = () => new StatementStore({
    redis: connection, keys, repair: queue.repair, ...(mostStatements !== undefined && { mostStatements })
  })
  const store = open()
  const book = (named: Readonly<Record<string, Counts>>, others?: Counts, ageMs?: number) =>
    store.book(() => bookedOf(named, others, ageMs))
  const now = async () => {
    const [seconds, micros] = await connection.time()
    return Number(seconds) * 1_000 + Number(micros) / 1_000
  }
  const top = async (most = 100) => store.top(most, await now())
  /** Moves the statement of a field into the past. */
  const age = async (field: string, ms: number) => {
    const packed = await connection.hgetBuffer(keys.statements, field) as Buffer
    for (const place of [0, 8]) packed.writeDoubleLE(packed.readDoubleLE(place) - ms, place)
    await connection.hset(keys.statements, field, packed)
  }
  return { connection, keys, open, store, book, now, top, age }
}

t.test('adds up what processes book, with the largest present offer first', async (t) => {
  const { book, top, store, now, open } = await startStore(t)
  await book({ acme: { enqueued: 3, quota: 2 }, globex: { enqueued: 9 } }, { shed: 4 }, 5_000)
  await open().book(() => bookedOf({ acme: { enqueued: 20, invalid: 1 } }, { shed: 1 }))
  const { top: listed, others } = await top()
  t.strictSame(listed.map(({ organizationId }) => organizationId), ['acme', 'globex'])
  t.match(listed[0]?.statement.counts, { received: 26, enqueued: 23, quota: 2, invalid: 1, shed: 0 })
  t.match(others?.counts, { received: 5, shed: 5 })
  const statement = await store.find('acme', await now())
  t.equal(statement?.queued, 23)
  t.ok(await now() - (statement?.sinceMs ?? 0) >= 5_000, 'it begins when the first process began to count it')
  t.equal(await store.find('none', 0), undefined)
  t.strictSame((await top(1)).top.length, 1)
})

t.test('rates are those of the last seconds, and are there from the first booking on', async (t) => {
  const { book, store, now } = await startStore(t)
  // Ten seconds at a hundred in a second tend to this faded count.
  await book({ acme: { enqueued: 100 * 5 / Math.LN2 } }, {}, 1_000_000)
  const at = (await store.find('acme', await now()))?.bookedMs ?? NaN
  const rate = async (afterMs: number) => (await store.find('acme', at + afterMs))?.perSecond.received ?? NaN
  t.ok(Math.abs(await rate(0) - 100) < 2, String(await rate(0)))
  t.ok(Math.abs(await rate(5_000) / await rate(0) - 0.5) < 0.01, 'half of it is gone after five seconds')
})

t.test('what was counted five seconds ago counts half, in the statement and in the others', async (t) => {
  const { book, top, age } = await startStore(t, { mostStatements: 1 })
  // So old that a rate is the faded count times a constant.
  await book({ acme: { enqueued: 100 } }, {}, 1_000_000)
  const rate = async () => (await top()).top[0]?.statement.perSecond.received ?? NaN
  const ratio = (one: number, other: number) => Math.round(20 * one / other) / 20
  const before = await rate()
  await age('oacme', 5_000)
  await book({ acme: { enqueued: 100 } })
  t.equal(ratio(await rate(), before), 1.5)
  await age('oacme', 5_000)
  await book({ globex: { enqueued: 1 } })
  await age('*others', 1_000_000)
  const { others } = await top()
  t.equal(others?.counts.received, 200)
  const fadedAgain = 2 ** (1_000_000 / 5_000)
  t.equal(ratio((others?.perSecond.received ?? NaN) * fadedAgain, before), 0.75)
})

t.test('a booking is made once, however often the call is repeated', async (t) => {
  const server = await startRedis(t)
  const { book, store, top } = await startStore(t, { server })
  await book({ acme: { enqueued: 1 } })
  server.pause()
  await t.rejects(book({ acme: { enqueued: 10 } }), { code: 'command-timeout' })
  t.equal(store.isUnanswered, true)
  server.resume()
  await store.book(() => { throw new Error('what got lost comes before what is new') })
  t.equal(store.isUnanswered, false)
  t.equal((await top()).top[0]?.statement.counts.received, 11)
})

t.test('tells the names when they have changed', async (t) => {
  const { book, open } = await startStore(t)
  t.strictSame(await book({ acme: { enqueued: 1 } }), ['acme'])
  t.equal(await book({ acme: { enqueued: 1 } }), undefined)
  const other = open()
  t.strictSame(await other.book(() => bookedOf({})), ['acme'], 'to a process that does not know them')
  t.strictSame((await other.book(() => bookedOf({ globex: { shed: 1 } })))?.toSorted(), ['acme', 'globex'])
  t.strictSame((await book({}))?.toSorted(), ['acme', 'globex'])
})

t.test('what a worker counts of an organization without a statement is counted as others', async (t) => {
  const { book, top } = await startStore(t)
  t.strictSame(await book({ acme: { done: 4 } }), [])
  const { top: listed, others } = await top()
  t.strictSame(listed, [])
  t.match(others?.counts, { received: 0, done: 4 })
})

t.test('a new organization takes the place of the one with the least events, which goes to the others', async (t) => {
  const { book, top, connection, keys } = await startStore(t, { mostStatements: 3 })
  await book({ large: { enqueued: 1_000 }, middle: { enqueued: 100 }, small: { enqueued: 10, quota: 2 } })
  t.strictSame((await book({ once: { enqueued: 1 } }))?.toSorted(), ['large', 'middle', 'once'])
  t.match((await top()).others?.counts, { received: 12, enqueued: 10, quota: 2 })
  for (let index = 0; index < 50; index++) await book({ [`once-${index}`]: { enqueued: 1 } })
  const { top: listed } = await top()
  t.strictSame(listed.map(({ organizationId }) => organizationId).slice(0, 2), ['large', 'middle'])
  t.equal(listed.length, 3)
  t.equal(await connection.hlen(keys.statements), 5, 'those, the others, and the version of the names')
  t.equal(await connection.zcard(keys.statementWeights), 3)
  t.equal(await connection.zcard(keys.statementRanking), 3)
})

t.test('weights fade by half in six hours, and a newcomer has that of the statement that it ends', async (t) => {
  const { book, connection, keys } = await startStore(t, { mostStatements: 2 })
  const weightOf = async (name: string) => Number(await connection.zscore(keys.statementWeights, name))
  await book({ one: { enqueued: 1 }, four: { enqueued: 4 } })
  t.equal(Math.round((await weightOf('four') - await weightOf('one')) / 60_000), 2 * 6 * 60, 'a weight is a time')
  await book({ one: { enqueued: 2 } })
  const ended = await weightOf('one')
  await book({ newcomer: { enqueued: 1 } })
  t.ok(await weightOf('newcomer') > ended + 2 * 3_600_000, 'it may have been missed that often')
})

t.test('a process that comes no more leaves no number behind for ever', async (t) => {
  const { book, connection, keys } = await startStore(t)
  await book({ acme: { enqueued: 1 } })
  const numbers = await connection.keys(keys.lastStatementBooking('*').replaceAll(/[{}]/g, '?'))
  t.equal(numbers.length, 1)
  const lifeMs = await connection.pttl(numbers[0] as string)
  t.ok(lifeMs > 0 && lifeMs <= 86_400_000, `${lifeMs}`)
})

t.test('all that was booked is in the statements and in the others, and each statement adds up', async (t) => {
  const counts = fc.record({
    enqueued: fc.nat(9), shed: fc.nat(9), quota: fc.nat(3), done: fc.nat(9), invalid: fc.nat(2)
  })
  const bookings = fc.array(fc.dictionary(fc.constantFrom(...'abcdefghij'), counts, { maxKeys: 5 }), { maxLength: 12 })
  await fc.assert(fc.asyncProperty(bookings, fc.nat(20), async (bookings, rest) => {
    const { book, top } = await startStore(t, { mostStatements: 4 })
    const booked = tallyOf({})
    for (const named of bookings) {
      await book(named, { shed: rest })
      for (const each of [...Object.values(named), { shed: rest }]) {
        for (const [index, events] of tallyOf(each).entries()) booked[index]! += events
      }
    }
    const { top: listed, others } = await top()
    const statements = [...listed.map(({ statement }) => statement), ...others === undefined ? [] : [others]]
    return statements.every(({ counts }) =>
      ADMISSION_OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0) === counts.received) &&
      Object.entries(FIELD_INDEX).every(([field, index]) =>
        statements.reduce((sum, { counts }) => sum + counts[field as TallyField], 0) === booked[index])
  }), { numRuns: 20 })
})

t.test('while the queue is empty no organization has events in it', async (t) => {
  const { book, store, now } = await startStore(t)
  await book({ acme: { enqueued: 10, done: 7 }, globex: { enqueued: 3, done: 3 }, ahead: { enqueued: 1, done: 5 } })
  const queued = async (id: string) => (await store.find(id, await now()))?.queued
  t.strictSame([await queued('acme'), await queued('globex'), await queued('ahead')], [3, 0, -4])
  await store.level()
  t.strictSame([await queued('acme'), await queued('globex'), await queued('ahead')], [0, 0, 0])
  t.match((await store.find('acme', 0))?.counts, { received: 10, enqueued: 10, done: 7, adjusted: -3 })
})

t.test('no organization has a name that stands for the others or for the names', async (t) => {
  const { book, store, top, now } = await startStore(t)
  const names = ['thers', 'others', 'names', '*others', '']
  await book(Object.fromEntries(names.map((name) => [name, { enqueued: 2 }])), { shed: 5 })
  for (const name of names) t.equal((await store.find(name, await now()))?.counts.received, 2, name)
  t.equal((await top()).others?.counts.received, 5)
})

t.test('damage in Redis costs the damaged statement alone', async (t) => {
  const { book, top, connection, keys } = await startStore(t)
  await book({ acme: { enqueued: 5 }, globex: { enqueued: 7 } })
  await connection.hset(keys.statements, 'oacme', 'not packed')
  t.strictSame((await top()).top.map(({ organizationId }) => organizationId), ['globex'])
  await book({ acme: { enqueued: 1 } })
  t.equal((await top()).top.find(({ organizationId }) => organizationId === 'acme')?.statement.counts.received, 1)
  for (const key of [keys.statements, keys.statementWeights, keys.statementRanking]) {
    await connection.del(key)
    await connection.set(key, 'foreign')
    await book({ acme: { enqueued: 1 } })
    t.equal((await top()).top[0]?.organizationId, 'acme', key)
  }
})

import t from 'tap'
import { DeadLetterStore } from '../../../services/dead-letters/dead-letter-store.ts'
import { KEYS } from '../../queue-keys.ts'
import { figuresOf, deadLettersIn, startQueue } from '../queue/setup.ts'
import { storeDeadLetters, deadLetterOf, startReplaying } from './setup.ts'

const flood = (count: number, first = 0) =>
  Array.from(
    { length: count },
    (_, index) => deadLetterOf(`f${first + index}`, { type: 'flood', organizationId: 'loud' })
  )
const idsIn = async (store: DeadLetterStore) => (await deadLettersIn(store)).map(({ event }) => event.id)

t.test('a flood of one kind discards its own dead letters, oldest first, and nobody else\'s', async (t) => {
  const { connection, queue } = await startQueue(t)
  const store = new DeadLetterStore(connection, KEYS, { mostDeadLetters: 100, onDiscarded: () => {} })
  await storeDeadLetters(store, 'quiet-1', [
    deadLetterOf('a', { organizationId: 'quiet' }),
    deadLetterOf('b', { type: 'rare' })
  ])
  await storeDeadLetters(store, 'flood-1', flood(150))
  await storeDeadLetters(store, 'quiet-2', [
    deadLetterOf('c', { organizationId: 'loud', type: 'rare' }),
    deadLetterOf('d', { type: 'flood', organizationId: 'loud' }, { reason: 'refused' })
  ])
  for (let batch = 0; batch < 20; batch++)
    await storeDeadLetters(store, `flood-2-${batch}`, flood(100, 150 + batch * 100))
  const ids = await idsIn(store)
  t.strictSame(ids.filter((id) => !id.startsWith('f')), ['a', 'b', 'c', 'd'])
  t.strictSame(
    ids.filter((id) => id.startsWith('f')),
    flood(96, 2_150 - 96).map(({ event }) => event.id),
    'the latest of the flood'
  )
  t.match(await figuresOf({ queue }), { kept: 100, discarded: 2_054 })
})

t.test('two floods share what there is', async (t) => {
  const { connection } = await startQueue(t)
  const store = new DeadLetterStore(connection, KEYS, { mostDeadLetters: 100, onDiscarded: () => {} })
  await storeDeadLetters(store, 'one', flood(300))
  await storeDeadLetters(
    store,
    'two',
    Array.from({ length: 300 }, (_, index) => deadLetterOf(`g${index}`, { type: 'other', organizationId: 'loud' }))
  )
  const ids = await idsIn(store)
  const ofFirst = ids.filter((id) => id.startsWith('f')).length
  t.ok(ofFirst >= 45 && ofFirst <= 55, `${ofFirst} of the first`)
  t.equal(ids.length, 100)
})

t.test('bytes are bounded as well, and a flood of large dead letters gives way before many small ones', async (t) => {
  const { connection, queue } = await startQueue(t)
  const store = new DeadLetterStore(connection, KEYS, {
    mostDeadLetters: 1_000_000,
    mostBytes: () => 2_000_000,
    onDiscarded: () => {}
  })
  await storeDeadLetters(store, 'small', Array.from({ length: 500 }, (_, index) => deadLetterOf(`s${index}`)))
  for (let batch = 0; batch < 10; batch++)
    await storeDeadLetters(store, `large-${batch}`, [
      deadLetterOf(`l${batch}`, { type: 'large', payload: 'x'.repeat(500_000) })
    ])
  const ids = await idsIn(store)
  t.equal(ids.filter((id) => id.startsWith('s')).length, 500)
  t.strictSame(ids.filter((id) => id.startsWith('l')), ['l7', 'l8', 'l9'])
  const { bytes } = await figuresOf({ queue })
  t.ok(bytes > 1_500_000 && bytes <= 2_000_000, `${bytes} bytes are counted`)
})

t.test('dead letters of an older version are found and go with their kind, too', async (t) => {
  const { connection } = await startQueue(t)
  const store = new DeadLetterStore(connection, KEYS, { mostDeadLetters: 10, onDiscarded: () => {} })
  await storeDeadLetters(store, 'old', [deadLetterOf('a'), ...flood(5)])
  for (const key of await connection.keys(`${KEYS.deadLetterPrefix}*`)) await connection.hdel(key, 'group', 'size')
  await connection.del(KEYS.deadLetterGroups)
  await connection.hdel(KEYS.deadLetterFigures, 'bytes')
  await storeDeadLetters(store, 'new', flood(9, 5))
  t.strictSame(await idsIn(store), ['a', ...flood(9, 5).map(({ event }) => event.id)])
})

t.test('made-up types are one group once there are too many', async (t) => {
  const { connection } = await startQueue(t)
  const store = new DeadLetterStore(connection, KEYS, { mostDeadLetters: 3_000, onDiscarded: () => {} })
  await storeDeadLetters(store, 'quiet', Array.from({ length: 20 }, (_, index) => deadLetterOf(`q${index}`)))
  for (let batch = 0; batch < 5; batch++) {
    await storeDeadLetters(
      store,
      `made-up-${batch}`,
      Array.from(
        { length: 1_000 },
        (_, index) => deadLetterOf(`m${batch}-${index}`, { type: `made-up-${batch}-${index}` })
      )
    )
  }
  t.equal((await idsIn(store)).filter((id) => id.startsWith('q')).length, 20)
  t.ok(await connection.zcard(KEYS.deadLetterGroups) <= 1_001)
})

t.test('a count of bytes that was damaged is right again once there was no dead letter', async (t) => {
  const { deadLetters, connection, queue } = await startQueue(t)
  await storeDeadLetters(deadLetters, 'a', [deadLetterOf('a')])
  const { bytes } = await figuresOf({ queue })
  await connection.hset(KEYS.deadLetterFigures, 'bytes', '-5000')
  t.equal((await figuresOf({ queue })).bytes, 0)
  await deadLetters.deleteMatching({})
  await storeDeadLetters(deadLetters, 'b', [deadLetterOf('a')])
  t.equal((await figuresOf({ queue })).bytes, bytes)
})

t.test('bytes go down as dead letters are deleted, replayed and discarded', async (t) => {
  const { deadLetters, replays, step, connection, queue } = await startReplaying(t)
  await storeDeadLetters(deadLetters, 'a', ['a', 'b', 'c'].map((id) => deadLetterOf(id)))
  const { bytes } = await figuresOf({ queue })
  const [first] = await deadLettersIn(deadLetters)
  await deadLetters.delete(first!.id)
  t.equal((await figuresOf({ queue })).bytes, bytes / 3 * 2)
  await replays.begin({ filter: {} })
  await step()
  t.match(await figuresOf({ queue }), { kept: 0, bytes: 0, replayed: 2 })
  t.equal(await connection.zcard(KEYS.deadLetterGroups), 0)
})

t.test('small dead letters count with what Redis keeps beside their text', async (t) => {
  const { deadLetters, connection, queue } = await startQueue(t)
  await storeDeadLetters(deadLetters, 'small', Array.from({ length: 500 }, (_, index) => deadLetterOf(`${index}`)))
  // All members, since a few of them that have many levels would count for all.
  const bytesOf = async (key: string) => await connection.memory('USAGE', key, 'SAMPLES', 0) ?? 0
  let takenBytes = await bytesOf(KEYS.deadLetters)
  const keys = await connection.keys(`${KEYS.deadLetterPrefix}*`)
  t.equal(keys.length, 500)
  for (const key of keys) takenBytes += await bytesOf(key)
  const { bytes } = await figuresOf({ queue })
  t.ok(bytes >= takenBytes, `${bytes} bytes are counted, ${takenBytes} are taken`)
})

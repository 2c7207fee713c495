import t from 'tap'
import { KeyEnds } from '../../../services/producer/key-ends.ts'

t.test('one timer watches all requests that last, and none runs without any', async (t) => {
  const begun = t.capture(globalThis, 'setInterval', setInterval)
  const ended = t.capture(globalThis, 'clearInterval', clearInterval)
  const ends = new KeyEnds()
  const watch = () => ends.watch(async () => true, () => {})
  t.equal(begun().length, 0)
  const [first, ...others] = Array.from({ length: 1_000 }, watch)
  t.equal(begun().length, 1)
  for (const unwatch of others) unwatch()
  t.equal(ended().length, 0)
  first!()
  t.equal(ended().length, 1)
  const later = watch()
  t.equal(begun().length, 1, 'a later one has a timer again')
  later()
})

t.test('a request ends with its key, and the others go on', async (t) => {
  const ends = new KeyEnds()
  const busy = setInterval(() => {}, 1_000)
  t.teardown(() => clearInterval(busy))
  const lasting = ends.watch(async () => true, () => t.fail('its key is in force'))
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>()
  const ending = ends.watch(async () => false, end)
  await isOver
  ending()
  lasting()
})

import t from 'tap'
import { ByteBudget } from '../../../services/intake/byte-budget.ts'

t.test('takes what there is room for, and from the first anything', async (t) => {
  const budget = new ByteBudget(10)
  t.equal(budget.take(100), true)
  t.equal(budget.take(1), false)
  budget.give(100)
  t.equal(budget.take(6), true)
  t.equal(budget.take(5), false)
  t.equal(budget.take(4), true)
  t.equal(budget.held, 10)
})

t.test('lets those who wait go on in their order, each when its bytes are there', async (t) => {
  const budget = new ByteBudget(10)
  budget.add(10)
  const log: string[] = []
  const waits = ([['a', 8], ['b', 1]] as const).map(async ([who, bytes]) => {
    t.equal(await budget.takeWithin(bytes, 60_000), true)
    log.push(who)
  })
  budget.give(5)
  await Promise.resolve()
  t.strictSame(log, [], 'b has room and does not pass a, which has none')
  budget.give(5)
  await Promise.all(waits)
  t.strictSame(log, ['a', 'b'])
  t.equal(budget.held, 9)
})

t.test('room is there when less than all is held', async (t) => {
  const budget = new ByteBudget(10)
  budget.add(12)
  let isThere = false
  const room = budget.room().finally(() => { isThere = true })
  budget.give(2)
  await Promise.resolve()
  t.equal(isThere, false)
  budget.give(1)
  await room
  await budget.room()
})

t.test('whoever waits too long gets nothing and holds nobody up', async (t) => {
  const budget = new ByteBudget(10)
  budget.add(10)
  t.equal(await budget.takeWithin(5, 0), false)
  budget.give(10)
  t.equal(budget.held, 0)
  t.equal(await budget.takeWithin(5, 0), true)
})

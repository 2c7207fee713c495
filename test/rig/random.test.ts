import t from 'tap'
import { integer, mulberry32, pick, randomOf, shuffled } from '../../rig/random.ts'

const draws = (random: () => number, count = 1_000) => Array.from({ length: count }, random)

t.test('draws the same from the same seed, and something else from another', async (t) => {
  t.strictSame(draws(mulberry32(7)), draws(mulberry32(7)))
  t.not(mulberry32(7)(), mulberry32(8)())
  t.not(randomOf(7, 'load')(), randomOf(7, 'schedule')())
})

t.test('draws uniformly from [0, 1)', async (t) => {
  const values = draws(mulberry32(1), 10_000)
  t.ok(values.every((value) => value >= 0 && value < 1))
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = values.filter((value) => Math.floor(value * 10) === tenth).length
    t.ok(share > 850 && share < 1_150, `${share} of 10000 in tenth ${tenth}`)
  }
})

t.test('integers include both ends', async (t) => {
  const random = mulberry32(1)
  t.strictSame([...new Set(Array.from({ length: 200 }, () => integer(random, 3, 6)))].toSorted(), [3, 4, 5, 6])
  t.equal(pick(random, ['only']), 'only')
})

t.test('a shuffled list has the same items and leaves the old one alone', async (t) => {
  const items = ['a', 'b', 'c', 'd', 'e']
  const orders = new Set(Array.from({ length: 50 }, (_, seed) => shuffled(mulberry32(seed), items).join('')))
  t.ok(orders.size > 20)
  t.ok([...orders].every((order) => [...order].toSorted().join('') === 'abcde'))
  t.strictSame(items, ['a', 'b', 'c', 'd', 'e'])
})

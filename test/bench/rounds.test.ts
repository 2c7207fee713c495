import t from 'tap'
import { rotated } from '../../bench/rounds.ts'

t.test('each round begins with another', async (t) => {
  t.strictSame([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join('')), ['abc', 'bca', 'cab', 'abc'])
  t.strictSame(rotated([], 3), [])
})

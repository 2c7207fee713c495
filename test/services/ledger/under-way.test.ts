import t from 'tap'
import { underWay } from '../../../services/ledger/under-way.ts'

const NONE = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]

t.test('sums up by class what all parties have in hand', async (t) => {
  t.strictSame(underWay([], { critical: 0, normal: 0, low: 0 }), { critical: 0, normal: 0, low: 0 })
  t.strictSame(underWay([[0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 5], [0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0], NONE], { critical: 100, normal: 0, low: 200 }), { critical: 111, normal: 5, low: 209 })
})

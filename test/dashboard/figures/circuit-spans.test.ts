import t from 'tap'
import { circuitSpans } from '../../../dashboard/figures/circuit-spans.js'

t.test('a change begins in the second at whose end it is found', async (t) => {
  t.strictSame(circuitSpans([10, 11, 12, 13, 14], [0, 0, 2, 2, 1], [1, 1, 1, 1, 1]), [
    { from: 9, to: 11, state: 'CLOSED' }, { from: 11, to: 13, state: 'OPEN' }, { from: 13, to: 14, state: 'HALF_OPEN' }
  ])
})

t.test('a depth that is not known is a state of its own', async (t) => {
  t.strictSame(circuitSpans([10, 11, 12, 13], [0, 0, null, 0], [1, null, null, 1]), [
    { from: 9, to: 10, state: 'CLOSED' }, { from: 10, to: 12, state: 'UNKNOWN' }, { from: 12, to: 13, state: 'CLOSED' }
  ])
})

t.test('nothing has no spans', async (t) => {
  t.strictSame(circuitSpans([], [], []), [])
})

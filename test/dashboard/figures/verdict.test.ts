import t from 'tap'
import { verdictOf } from '../../../dashboard/figures/verdict.js'
import { ADMITTED, refused, SPOOLED } from './samples.ts'

t.test('says what a new event would be answered, and that what goes to the disk is not in the queue', async (t) => {
  const table = [
    [ADMITTED, false, true, 'yes', 'admitted', undefined],
    [SPOOLED, false, true, 'maybe', 'spooled', /local disk/],
    [SPOOLED, true, false, 'maybe', 'spooled', /local disk/],
    [ADMITTED, false, false, 'maybe', 'tried', /refused unless/],
    [refused('circuit-open'), false, true, 'no', 'refused', 'circuit-open: the circuit is open'],
    [refused('queue-unavailable'), false, false, 'no', 'refused', /out of reach/],
    [refused('circuit-open'), true, true, 'yes', 'admitted, would be refused', /circuit/],
    [refused('queue-unavailable'), true, false, 'maybe', 'tried, would be refused', /out of reach/],
    [refused('of-our-own'), false, true, 'no', 'refused', 'of-our-own']
  ] as const
  for (const [decision, isForced, isKnown, tone, word, why] of table) {
    t.match(
      verdictOf(decision, { isForced, isKnown }),
      { tone, word, ...(why !== undefined && { why }) },
      `${word}, ${isKnown}`
    )
  }
  t.equal(verdictOf(ADMITTED, { isForced: false, isKnown: true }).why, undefined)
})

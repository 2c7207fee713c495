import t from 'tap'
import type { Refused } from '../../../services/history/refusals.ts'
import { ShedRate } from '../../../services/history/shed-rate.ts'

const OWN: Refused[] = [{ priorityClass: 'low', reason: 'circuit-open', events: 2 }, {
  priorityClass: 'normal',
  reason: 'circuit-open',
  events: 1
}]

t.test('tells what all processes booked, once all have booked, and what this one knows before', async (t) => {
  const rate = new ShedRate(['circuit-open', 'queue-full'])
  const booked = (events: number) => ({ 'circuit-open': events, 'another-reason': 99 })
  const table: [claim: string, refused: Record<string, number> | undefined, own: Refused[], shed: number][] = [
    ['the ledger may have been written for years', booked(1_000), OWN, 3],
    ['another process books what it kept', booked(1_500), OWN, 3],
    ['still', booked(1_500), [], 0],
    ['from now on all count', booked(1_510), OWN, 10],
    ['none', booked(1_510), [], 0],
    ['not to be read', undefined, OWN, 3],
    ['found', booked(1_900), [], 0],
    ['found', booked(1_910), [], 0],
    ['found', booked(1_920), OWN, 3],
    ['known again', booked(1_925), OWN, 5],
    ['a ledger that was lost is no negative number', {}, [], 0],
    ['and goes on', booked(4), [], 4]
  ]
  for (const [claim, refused, own, shed] of table)
    t.strictSame(rate.next(refused, own), { 'circuit-open': shed, 'queue-full': 0 }, claim)
})

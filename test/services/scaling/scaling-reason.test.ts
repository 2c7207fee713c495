import t from 'tap'
import { scalingReason, whyUnknown } from '../../../services/scaling/scaling-reason.ts'
import type { WorkersNeeded } from '../../../services/scaling/scaling-state.ts'

const STATE: WorkersNeeded = {
  current: 4,
  needed: 6,
  neededAtHorizon: 6,
  enoughNow: 6,
  held: 0,
  standstill: undefined,
  arrivalRate: 520.4,
  waiting: 1_840,
  ratePerWorker: 95,
  required: { perSecond: 541, until: 'low' },
  isSurge: false,
  isAhead: false,
  limit: undefined,
  scaleInAfterMs: 120_000
}

const TABLE: [changes: Partial<WorkersNeeded>, reason: string][] = [
  [{}, '520 events/s arrive and 1,840 events wait, and one worker finishes 95 events/s, so 6 workers are needed.'],
  [
    { needed: 1, enoughNow: 1, arrivalRate: 1, waiting: 1, ratePerWorker: 2.54 },
    '1 event/s arrive and 1 event waits, and one worker finishes 2.5 events/s, so 1 worker is needed.'
  ],
  [
    { ratePerWorker: undefined, needed: 1, enoughNow: 1, waiting: 0, arrivalRate: 0 },
    '0 events/s arrive and 0 events wait, and the speed of a worker is not known yet, so 1 worker is needed.'
  ],
  [
    { required: { perSecond: 600, until: 'normal' } },
    '520 events/s arrive and 1,840 events wait with normal events as the most urgent backlog, and one worker finishes ' +
    '95 events/s, so 6 workers are needed.'
  ],
  [
    { isSurge: true },
    '520 events/s arrive and 1,840 events wait, arrivals have just jumped, the budgets would be missed in 60 s, and one ' +
    'worker finishes 95 events/s, so 6 workers are needed.'
  ],
  [
    { isAhead: true },
    '520 events/s arrive and 1,840 events wait, a proven forecast predicts more within 60 s, and one worker finishes ' +
    '95 events/s, so 6 workers are needed.'
  ],
  [
    { enoughNow: 5 },
    '520 events/s arrive and 1,840 events wait, and one worker finishes 95 events/s; 5 would be enough now, and 6 are ' +
    'kept until the mean of 120 s shows that fewer are.'
  ],
  [
    { held: 2, needed: 8, enoughNow: 8 },
    '520 events/s arrive and 1,840 events wait, and one worker finishes 95 events/s, so 8 workers are needed, 2 of them ' +
    'for 2 workers that take no batch.'
  ],
  [
    { enoughNow: 9, needed: 3, limit: { workers: 3, compared: [3, 250, 12, 252.6], at: 0 } },
    '12 workers finished 253 events/s and 3 250 events/s, so the consumer or the machine is the limit, and 3 are enough.'
  ],
  [
    { standstill: 'consumer-away', held: 1 },
    'The consumer is away or asks for patience, and more workers would not make it faster, so the number stays at 6.'
  ],
  [
    { standstill: 'paused' },
    'An operator has paused the workers, and more of them would also wait, so the number stays at 6.'
  ],
  [{ standstill: 'held' }, 'No worker takes a batch, and more of them would also be held, so the number stays at 6.']
]

t.test('explains the number in one sentence with its figures', async (t) => {
  for (const [changes, reason] of TABLE) t.equal(scalingReason({ ...STATE, ...changes }), reason)
})

t.test('says why a number is unknown, and what to do', async (t) => {
  for (const ignorance of ['queue-unavailable', 'too-early', 'speed-unknown'] as const) {
    t.match(whyUnknown(ignorance), /; (?:leave the number of workers unchanged|try again in a moment)|has not yet seen .*; leave/)
  }
})

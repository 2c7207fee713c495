import fc from 'fast-check'
import t from 'tap'
import { headline } from '../../../dashboard/figures/headline.js'
import { minutesAgo, SHED_LOW, testHeadlines } from './headline-cases.ts'
import { incident, stateWith, workerWith } from './samples.ts'

testHeadlines(t, [
  [
    { mode: 'false', decisions: SHED_LOW },
    'notice',
    'Backpressure is off: everything is admitted (depth 120 of 50,000)'
  ],
  [
    { mode: 'false', isPaused: true },
    'notice',
    'Backpressure is off: everything is admitted (depth 120 of 50,000, the workers are paused)'
  ],
  [
    { mode: 'false', workers: [] },
    'bad',
    'Backpressure is off: everything is admitted (depth 120 of 50,000, no worker is running)'
  ],
  [{ isPaused: true }, 'notice', 'Workers are paused since 14:00: 120 events wait, new ones are admitted', [
    incident(minutesAgo(9), 'paused'),
    incident(minutesAgo(8), 'resumed'),
    incident(minutesAgo(2), 'paused')
  ]],
  [{ isPaused: true, pausedForMs: 120_000 }, 'notice', 'Workers are paused: 120 events wait, new ones are admitted', [
    incident(minutesAgo(9), 'resumed')
  ]],
  [
    { pausedForMs: 4_000 },
    'notice',
    'Deliveries wait for the consumer, everything is still admitted (depth 120 of 50,000)'
  ],
  [
    { depth: 12_000, pausedForMs: 4_000 },
    'notice',
    'Falling behind, everything is still admitted (depth 12,000 of 50,000, deliveries wait for the consumer)'
  ],
  [
    { workers: [workerWith(7, { handlers: [], holds: ['no-handlers'] })], timeToDrainSeconds: null },
    'bad',
    'No worker takes a batch: host:7 has no handler. 120 events wait, new ones are admitted (set DELIVERY_URL or ' +
    'RULES_FILE for every worker, or WITHOUT_HANDLER, and restart it)'
  ],
  [
    { workers: [workerWith(7, { holds: ['dead-letters-full'] })], mode: 'false' },
    'bad',
    'Backpressure is off: everything is admitted (depth 120 of 50,000, no worker takes a batch: the limit of kept ' +
    'dead letters is reached)'
  ],
  [
    { workers: [workerWith(7, { holds: ['consumer-unreachable'] }), workerWith(8)] },
    'notice',
    '1 of 2 workers takes no batch: host:7 cannot reach the consumer (check that the consumer runs, and on that ' +
    'host DELIVERY_URL, OUTBOUND_NETWORKS, name resolution and the network; the log of the worker names the reason: ' +
    'consumer-unreachable)'
  ],
  [
    { workers: [workerWith(7, { handlers: ['show'] }), workerWith(8)] },
    'notice',
    '1 of 2 workers finishes events without delivering them (show), beside others that deliver: host:7 (give every ' +
    'worker the same DELIVERY_URL and RULES_FILE, or stop these)'
  ],
  [{ workers: [], depth: 1 }, 'bad', 'No worker is running: 1 event waits, new ones are admitted'],
  [{ workers: [], depth: 0 }, 'bad', 'No worker is running: no event waits, new ones are admitted']
])

t.test('says that the queue drains only where more goes than comes and somebody works', async () => {
  const worker = fc.constantFrom(workerWith(1), workerWith(2, { holds: ['consumer-unreachable'] }))
  fc.assert(fc.property(
    fc.array(worker, { maxLength: 3 }),
    fc.boolean(),
    fc.constantFrom('OPEN', 'HALF_OPEN', 'CLOSED' as const),
    fc.option(fc.integer({ min: 1, max: 999 })),
    (workers, isPaused, circuitState, seconds) => {
      const state = stateWith({
        depth: 12_000,
        workers,
        isPaused,
        circuitState,
        decisions: SHED_LOW,
        timeToDrainSeconds: seconds
      })
      const isMoving = seconds !== null && !state.problems.some(({ stops }) => stops === 'all')
      const { text } = headline(state, [])
      return text.includes('drains in') === isMoving && (!text.startsWith('Recovering') || seconds !== null)
    }
  ))
})

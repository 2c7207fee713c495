import t from 'tap'
import { secondsToDrain, standstill, sumOf, type QueueStatus } from '../../../cli/queue-status.ts'
import { EXIT } from '../../../cli/exit-code.ts'
import { painter } from '../../../cli/paint.ts'
import { statusScreen } from '../../../cli/status/screen.ts'
import { eventually } from '../../eventually.ts'
import { postBatch, startApp } from '../../app.ts'
import { listen, runCli, stop } from '../run-cli.ts'

export const STATUS: QueueStatus = {
  timestamp: '2026-03-01T10:00:00.000Z',
  queue: {
    counts: { waiting: 11_000, active: 1_000, delayed: 5, completed: 1_234_567, failed: 2 }, totalPending: 12_000, utilizationPercent: 24,
    health: 'warning', isPaused: false, pausedForMs: 0, arrivalRate: 1_000, drainRate: 3_000, timeToDrainSeconds: 6, oldestWaitingSeconds: { critical: null, normal: 12.5, low: 90 }, snapshotAgeMs: 40
  },
  workers: { count: 2, capacity: 40, needed: 3, list: [] },
  backpressure: {
    mode: 'true', circuitState: 'CLOSED', thresholds: { warning: 10_000, critical: 50_000, recovery: 5_000, hardLimit: 1_000_000 }, rejectedCount: 17, stateAgeMs: 61_000
  }
}

const screen = (status: QueueStatus, columns = 60) => statusScreen('http://service', status, columns, painter(false))

t.test('one screen has it all', async (t) => {
  t.equal(screen(STATUS), `Spillway http://service  warning

  depth     12,000 events, 24 % of critical
            █████████▋░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░
               r   w                               c
            recovery 5,000  warning 10,000  critical 50,000
  circuit   CLOSED for 61 s
  workers   2 of 3 needed, 40 batches at once
  rates     arrival 1,000/s, drain 3,000/s
  drained   in about 6 s at these rates
  oldest    normal 13 s, low 90 s
  events    11,000 waiting, 1,000 active, 5 to be tried again
  so far    1,234,567 done, 2 became dead letters, 17 refused by this replica`)
})

t.test('it says what stands still, and what is not known', async (t) => {
  const { queue, workers, backpressure } = STATUS
  t.match(screen({ ...STATUS, queue: { ...queue, isPaused: true } }), '! the workers are paused')
  t.match(screen({ ...STATUS, queue: { ...queue, pausedForMs: 3_000 } }), '! deliveries wait for the consumer, which asked for it or fails; the next attempt is in 3 s')
  t.match(screen({ ...STATUS, workers: { ...workers, count: 0, capacity: 0 } }), '! there is no worker')
  t.match(screen({ ...STATUS, queue: { ...queue, totalPending: null, utilizationPercent: null, health: 'unknown', snapshotAgeMs: 90_000 } }), /not known: the queue cannot be read[^]*\?{20}[^]*rates     not known\n  drained   not known\n  oldest    not known\n  events    not known[^]*! the last reading of the queue is 90 s old/)
  t.match(screen({ ...STATUS, queue: { ...queue, timeToDrainSeconds: null } }), 'drained   not in sight')
  t.match(screen({ ...STATUS, queue: { ...queue, isPaused: true } }), 'drained   not in sight', 'whatever the rates of a moment ago say')
  t.match(screen({ ...STATUS, queue: { ...queue, totalPending: 0, arrivalRate: 0 } }), 'drain 3,000/s when there was work')
  t.match(screen({ ...STATUS, queue: { ...queue, oldestWaitingSeconds: { critical: null, normal: null, low: null } } }), 'oldest    none waits')
  t.match(screen({ ...STATUS, workers: { ...workers, needed: null } }), 'workers   2, 40 batches')
  t.match(screen({ ...STATUS, backpressure: { ...backpressure, mode: 'observe' } }), 'observing only')
  t.match(screen({ ...STATUS, queue: { ...queue, totalPending: 900_000 } }), /█{20}/)
})

t.test('the time to drain follows from the rates', async (t) => {
  const table: [Partial<QueueStatus['queue']>, further: number, seconds: number | null][] = [
    [{}, 0, 6], [{}, 2_000, 7], [{ totalPending: 0 }, 0, 0], [{ totalPending: 0 }, 200, 0.1], [{ totalPending: null }, 0, null], [{ timeToDrainSeconds: null }, 0, null]
  ]
  for (const [change, further, seconds] of table) t.equal(secondsToDrain({ ...STATUS.queue, ...change }, further), seconds)
  t.equal(standstill(STATUS), undefined)
})

t.test('metrics are summed over their labels', async (t) => {
  const page = '# TYPE a gauge\na{class="x"} 2\na{class="y"} 3.5\nab 9\nb 1\n'
  t.equal(sumOf(page, 'a'), 5.5)
  t.equal(sumOf(page, 'b'), 1)
  t.equal(sumOf(page, 'c'), undefined)
})

t.test('a running service is shown, to people and to programs, once and on and on', async (t) => {
  const { app } = await startApp(t)
  const env = await listen(app)
  await postBatch(app, [{ type: 'a', payload: 1 }, { type: 'a', payload: 2 }])
  await eventually('the events are in the reading', () => app.backpressure.signals.depth === 2)
  const shown = await runCli(['status'], { env })
  t.equal(shown.code, EXIT.ok)
  t.match(shown.out, /2 events[^]*there is no worker/)
  t.notMatch(shown.out, '\u001B', 'without colours where it is no terminal')
  t.match((await runCli(['status'], { env, isTTY: true })).out, '\u001B[')
  t.notMatch((await runCli(['status', '--no-color'], { env, isTTY: true })).out, '\u001B[')
  t.notMatch((await runCli(['status'], { env: { ...env, NO_COLOR: '1' }, isTTY: true })).out, '\u001B[')
  t.match((await runCli(['status', '--json'], { env })).json(), { url: env.SPILLWAY_URL, queue: { totalPending: 2 }, workers: { count: 0 }, secondsToDrain: null })

  const controller = new AbortController()
  const watching = runCli(['status', '--watch', '--interval', '0.01', '--json'], { env, signal: controller.signal })
  await eventually('it was asked', async () => (await app.inject('/api/v1/metrics/queue')).statusCode === 200)
  stop(controller)
  const watched = await watching
  t.equal(watched.code, EXIT.ok, 'Ctrl-C is how it ends')
  for (const line of watched.out.trim().split('\n').filter(Boolean)) t.match(JSON.parse(line), { queue: { totalPending: 2 } })
})

import t from 'tap'
import { secondsToDrain, standstill, sumOf, type QueueStatus } from '../../../cli/queue-status.ts'
import { EXIT } from '../../../cli/exit-code.ts'
import { painter } from '../../../cli/paint.ts'
import { statusScreen } from '../../../cli/status/screen.ts'
import { eventually } from '../../../rig/eventually.ts'
import { postBatch, startApp } from '../../app.ts'
import { listen, runCli, stop } from '../run-cli.ts'

export const STATUS: QueueStatus = {
  timestamp: '2026-03-01T10:01:30.000Z', isKnown: true, asOf: '2026-03-01T10:01:30.000Z', lastKnown: null,
  queue: {
    name: 'spillway',
    isPaused: false,
    depthByPriority: {},
    counts: { waiting: 11_000, active: 1_000, delayed: 5, completed: 1_234_567, failed: 2 },
    totalPending: 12_000,
    utilizationPercent: 24,
    health: 'warning',
    pausedForMs: 0,
    arrivalRate: 1_000,
    drainRate: 3_000,
    timeToDrainSeconds: 6,
    oldestWaitingSeconds: { critical: null, normal: 12.5, low: 90 },
    snapshotAgeMs: 40
  },
  workers: { count: 2, capacity: 40, needed: 3, list: [], problems: [] },
  backpressure: {
    mode: 'true',
    circuitState: 'CLOSED',
    thresholds: { warning: 10_000, critical: 50_000, recovery: 5_000, hardLimit: 1_000_000 },
    rejectedCount: 17,
    stateAgeMs: 61_000,
    enabled: true,
    isKnown: true,
    asOf: null,
    settingsVersion: 0,
    lastStateChange: '2026-03-01T10:00:29.000Z'
  }
}

const screen = (status: QueueStatus, columns = 60) => statusScreen('http://service', status, columns, painter(false))

t.test('a running shadow has a row: what it tries, and which events it would treat otherwise', async (t) => {
  const agreement = { bothAdmit: 9, bothRefuse: 9, onlyLiveRefuses: 0, onlyShadowRefuses: 0 }
  const shadow = {
    since: STATUS.timestamp, settings: { control: { thresholds: 'adaptive', budgetsMs: { normal: 10_000 } } }, mode: 'true',
    circuitState: 'OPEN', thresholds: STATUS.backpressure.thresholds, shedShare: 0, decisions: [],
    shedShareByClass: { critical: 0, normal: 0, low: 0 }, keptShareByClass: { critical: 1, normal: 1, low: 1 },
    byClass: {
      critical: agreement, normal: { ...agreement, onlyLiveRefuses: 1 }, low: { ...agreement, onlyShadowRefuses: 1_200 }
    }
  }
  const row = screen({ ...STATUS, shadow }).split('\n').find((line) => line.startsWith('  shadow'))
  t.equal(
    row,
    '  shadow    control.thresholds=adaptive, control.budgetsMs.normal=10000: circuit OPEN, would refuse ' +
      '1,200 stored events and store 1 refused one, by this replica'
  )
  t.notMatch(screen({ ...STATUS, shadow: null }), 'shadow')
})

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
  so far    1,234,567 done, 2 became dead letters
  refused   17 by this replica`)
})

t.test('bytes of Redis are told, and that they keep the circuit open', async (t) => {
  const memory = {
    usedBytes: 199_229_440,
    capacityBytes: 268_435_456,
    utilizationPercent: 106,
    deadLetterBytes: 0,
    rememberedIds: 0,
    idLifeMs: 0,
    thresholds: { warning: 0, recovery: 0, critical: 187_904_819, hardLimit: 241_591_910 }
  }
  t.match(
    screen({
      ...STATUS,
      memory,
      backpressure: { ...STATUS.backpressure, circuitState: 'OPEN', circuitCause: 'bytes' }
    }),
    /circuit {3}OPEN for 61 s, because of the bytes in Redis\n {2}memory {4}190\.0 MiB of 256\.0 MiB of Redis, 106 % of critical/
  )
})

const withProblem = (kind: string, text: string, stops = 'all'): QueueStatus => ({
  ...STATUS,
  workers: { ...STATUS.workers, problems: [{ kind, stops, text, remedy: 'do something' }] }
})

t.test('it says what stands still, and what workers do not do', async (t) => {
  const { queue, workers, backpressure } = STATUS
  const paused = withProblem('paused', 'the workers are paused')
  t.match(screen(paused), /40 batches at once, paused[^]*! the workers are paused: do something/)
  t.match(
    screen({
      ...withProblem('consumer-wait', 'deliveries wait for the consumer'),
      queue: { ...queue, pausedForMs: 3_000 }
    }),
    '! deliveries wait for the consumer; the next try is in 3 s'
  )
  t.match(
    screen(withProblem('held', '1 of 2 workers takes no batch: host:1 cannot reach the consumer', 'some')),
    '! 1 of 2 workers takes no batch: host:1 cannot reach the consumer: do something'
  )
  t.equal(standstill(paused), 'the workers are paused: do something')
  for (const [kind, stops] of [['consumer-wait', 'all'], ['held', 'some'], ['handlers-differ', 'none']] as const) {
    t.equal(standstill(withProblem(kind, 'a text', stops)), undefined, kind)
  }
  t.match(screen({ ...STATUS, queue: { ...queue, timeToDrainSeconds: null } }), 'drained   not in sight')
  t.match(
    screen({ ...STATUS, control: { timeToEmptyMs: { critical: 0, normal: 40_000, low: null } } }),
    'empty     critical now, normal in about 40 s, low not in sight'
  )
  t.match(
    screen({ ...STATUS, control: { timeToEmptyMs: { critical: 999, normal: 1_000, low: null } } }),
    'empty     critical in less than 1 s, normal in about 1 s, low not in sight'
  )
  const unproven = { evidence: 'none', timeToEmptyMs: { critical: null, normal: null, low: null } }
  t.match(screen({ ...STATUS, control: unproven }), 'empty     unknown: the workers have shown no capacity yet')
  t.match(screen({ ...STATUS, control: unproven, queue: { ...queue, totalPending: 0 } }), /empty {5}now$/m)
  t.match(
    screen({ ...STATUS, queue: { ...queue, totalPending: 0, arrivalRate: 0 } }),
    'drain 3,000/s when there was work'
  )
  t.match(screen({ ...STATUS, queue: { ...queue, arrivalRate: 0.4, drainRate: 9.9 } }), 'arrival 0.4/s, drain 9.9/s')
  t.match(
    screen({ ...STATUS, queue: { ...queue, oldestWaitingSeconds: { critical: null, normal: null, low: null } } }),
    'oldest    none waits'
  )
  t.match(screen({ ...STATUS, workers: { ...workers, needed: null } }), 'workers   2, 40 batches')
  t.match(screen({ ...STATUS, backpressure: { ...backpressure, mode: 'observe' } }), 'observing only')
  t.match(screen({ ...STATUS, queue: { ...queue, totalPending: 900_000 } }), /█{20}/)
})

t.test('it says how load is controlled, and which share of a class is refused or left out', async (t) => {
  const control = {
    timeToEmptyMs: { critical: 0, normal: 0, low: 0 },
    thresholds: 'static',
    shedding: 'cliff',
    sampling: 'off',
    fairness: 'off',
    organizationsAboveShare: 0,
    fairOrder: 'off',
    shedShareByClass: { critical: 0, normal: 0, low: 0 },
    keptShareByClass: { critical: 1, normal: 1, low: 1 }
  }
  const line = (more: Partial<typeof control>) => /^ {2}control {3}(.*)$/m.exec(screen({ ...STATUS, control: { ...control, ...more } }))?.[1]
  t.equal(line({}), 'static thresholds, cliff shedding')
  t.equal(
    line({ thresholds: 'adaptive', shedding: 'smooth', shedShareByClass: { critical: 0, normal: 0.351, low: 1 } }),
    'adaptive thresholds, smooth shedding; refuses 35 % of normal, 100 % of low'
  )
  t.equal(
    line({ sampling: 'low-and-normal', keptShareByClass: { critical: 1, normal: 0.648, low: 0.234 } }),
    'static thresholds, cliff shedding, sampling low-and-normal; leaves out 35 % of normal, 77 % of low'
  )
  t.equal(line({ shedShareByClass: { critical: 0, normal: 0, low: 0.004 } }), 'static thresholds, cliff shedding; refuses 0.4 % of low')
  t.equal(line({ fairness: 'on' }), 'static thresholds, cliff shedding, fair shares')
  t.equal(
    line({ fairness: 'on', organizationsAboveShare: 2, fairOrder: 'types' }),
    'static thresholds, cliff shedding, fair shares (2 organizations above), fair order of types'
  )
  t.notMatch(screen({ ...STATUS, isKnown: false, control }), /control/)
  t.match(
    screen({
      ...STATUS,
      backpressure: { ...STATUS.backpressure, mode: 'observe' },
      control: { ...control, shedShareByClass: { critical: 0, normal: 0, low: 1 } }
    }),
    /control {3}static thresholds, cliff shedding$/m
  )
})

t.test('while the queue cannot be read each figure is unknown, with what it was last and when', async (t) => {
  const { counts } = STATUS.queue
  const lost: QueueStatus = {
    ...STATUS, isKnown: false,
    lastKnown: {
      at: '2026-03-01T10:00:00.000Z',
      queueDepth: 1_008,
      counts: { waiting: 1_000, active: 8, delayed: 0, completed: 70, failed: 2 },
      workers: 2,
      circuitState: 'CLOSED',
      isPaused: false,
      arrivalRate: 29,
      drainRate: 23,
      deadLetters: null
    },
    queue: {
      ...STATUS.queue,
      counts: { ...counts, waiting: null, active: null, delayed: null, completed: null, failed: null },
      totalPending: null,
      utilizationPercent: null,
      health: 'unknown',
      pausedForMs: null,
      arrivalRate: null,
      drainRate: null,
      timeToDrainSeconds: null,
      oldestWaitingSeconds: { critical: null, normal: null, low: null },
      snapshotAgeMs: 90_000
    },
    workers: { count: null, capacity: null, needed: null, list: null, problems: [] }
  }
  const lines = screen(lost).split('\n').filter((line) => !line.startsWith(' '.repeat(12)))
  t.strictSame(lines, [
    'Spillway http://service  unknown', '',
    '  depth     unknown, last known: 1,008 events',
    '  circuit   unknown, last known: CLOSED',
    '  workers   unknown, last known: 2',
    '  rates     unknown, last known: arrival 29/s, drain 23/s',
    '  drained   unknown',
    '  oldest    unknown',
    '  events    unknown, last known: 1,000 waiting, 8 active, 0 to be tried again',
    '  so far    unknown, last known: 70 done, 2 became dead letters',
    '  refused   17 by this replica', '',
    '! the queue cannot be read; the last reading was at 10:00:00 UTC, 90 s ago; npx spillway doctor examines Redis'
  ])
  const never = screen({ ...lost, lastKnown: null })
  t.match(never, /depth     unknown\n[^]*circuit   unknown\n[^]*! the queue cannot be read and has never been read/)
})

t.test('the time to drain follows from the rates', async (t) => {
  const table: [Partial<QueueStatus['queue']>, further: number, seconds: number | null][] = [
    [{}, 0, 6],
    [{}, 2_000, 7],
    [{ totalPending: 0 }, 0, 0],
    [{ totalPending: 0 }, 200, 0.1],
    [{ totalPending: null }, 0, null],
    [{ timeToDrainSeconds: null }, 0, null]
  ]
  for (const [change, further, seconds] of table)
    t.equal(secondsToDrain({ ...STATUS.queue, ...change }, further), seconds)
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
  t.match(shown.out, /2 events[^]*no worker is running/)
  t.notMatch(shown.out, '\u001B', 'without colours where it is no terminal')
  t.match((await runCli(['status'], { env, isTTY: true })).out, '\u001B[')
  t.notMatch((await runCli(['status', '--no-color'], { env, isTTY: true })).out, '\u001B[')
  t.notMatch((await runCli(['status'], { env: { ...env, NO_COLOR: '1' }, isTTY: true })).out, '\u001B[')
  t.match((await runCli(['status', '--json'], { env })).json(), {
    url: env.SPILLWAY_URL,
    queue: { totalPending: 2 },
    workers: { count: 0 },
    secondsToDrain: null
  })

  const controller = new AbortController()
  const watching = runCli(['status', '--watch', '--interval', '0.01', '--json'], { env, signal: controller.signal })
  await eventually('it was asked', async () => (await app.inject('/api/v1/metrics/queue')).statusCode === 200)
  stop(controller)
  const watched = await watching
  t.equal(watched.code, EXIT.ok, 'Ctrl-C is how it ends')
  for (const line of watched.out.trim().split('\n').filter(Boolean))
    t.match(JSON.parse(line), { queue: { totalPending: 2 } })
})

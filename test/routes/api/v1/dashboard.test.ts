import t from 'tap'
import { metric, post, postBatch, startApp } from '../../../app.ts'
import { openStream, type EventStream, type StreamedEvent } from '../../../../rig/event-stream.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { assertProblem, occupy, startOpen, TINY } from './setup.ts'

const STREAM = '/api/v1/dashboard/stream'

/** The fields that a page relies on. */
const SERIES = [
  'active',
  'arrivalRate',
  'capacity',
  'circuit',
  'delayed',
  'depth',
  'drainRate',
  'oldestWaitingSeconds',
  'shed',
  'spooled',
  'time',
  'workers'
]
const STATE = [
  'arrivalRate',
  'asOf',
  'breachMs',
  'circuitCause',
  'circuitSince',
  'circuitState',
  'configuredMode',
  'deadLetters',
  'decisions',
  'depth',
  'drainRate',
  'forecast',
  'hasJobBrowser',
  'health',
  'isKnown',
  'isPaused',
  'keptShares',
  'lastKnown',
  'memory',
  'mode',
  'oldestWaitingSeconds',
  'pausedForMs',
  'problems',
  'refusals',
  'replica',
  'role',
  'settings',
  'shadow',
  'shedShares',
  'snapshotAgeMs',
  'spool',
  'thresholds',
  'time',
  'timeToDrainSeconds',
  'timeToEmptyMs',
  'topTypes',
  'utilizationPercent',
  'version',
  'workers',
  'workersNeeded'
]

const seconds = (stream: EventStream) => stream.events.filter(({ event }) => event === 'second')
const lengths = (series: Record<string, number[] | Record<string, number[]>>) =>
  new Set(Object.values(series).flatMap((column) =>
    Array.isArray(column) ? [column.length] : Object.values(column).map(({ length }) => length)
  ))

t.test('a viewer gets the history and each second, the same text as all others, and Redis is not asked', async (t) => {
  const { app } = await startOpen(t)
  // So many that they are still among the frequent ones after a long minute.
  await postBatch(app, Array.from({ length: 2_000 }, () => ({ type: 'refused', payload: 1 })))
  // A second may end in their midst, and the next one tells the rest.
  const refusedIn = ({ refusals }: { refusals: { events: number }[] }) =>
    refusals.reduce((sum, { events }) => sum + events, 0)
  const { state } = await eventually('the seconds with the refusals have ended', async () => {
    const { events, response } = await openStream(t, app, STREAM)
    await eventually('the history is there', () => events.length > 0)
    response.destroy()
    const { series, state } = events[0]?.data ?? {}
    return series.time.length > 0 && refusedIn(state) === 2_000 && state.deadLetters !== null && { state }
  })
  await eventually('whoever looked has left', async () => await metric(app, 'spillway_dashboards') === 0)
  await app.queueMonitor.stop()
  await app.redis.config('RESETSTAT')
  const viewers = await Promise.all(Array.from({ length: 20 }, () => openStream(t, app, STREAM)))
  await eventually('two seconds were told to all, the last one of a reading that is old', () =>
    viewers.every((viewer) => seconds(viewer).length >= 2 && seconds(viewer).at(-1)?.data.state.isKnown === false)
  )
  t.equal(await metric(app, 'spillway_dashboards'), 20)
  const commands = [...(await app.redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):/gm)].map(([, command]) =>
    command
  )
  t.strictSame(commands.filter((command) => command !== 'config|resetstat'), [])

  const [first] = viewers as [EventStream]
  t.match(first.response.headers, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  t.equal(first.events[0]?.event, 'history')
  for (const { event, id, data } of first.events) {
    t.strictSame(Object.keys(data).toSorted(), ['incidents', 'series', 'state'])
    t.strictSame(Object.keys(data.series).toSorted(), SERIES)
    t.strictSame(Object.keys(data.state).toSorted(), STATE)
    t.equal(data.series.time.at(-1), Number(id))
    t.equal(lengths(data.series).size, 1, 'columns of equal length')
    if (event === 'second') t.strictSame([...lengths(data.series)], [1])
  }
  const ids = first.events.map(({ id }) => Number(id))
  t.ok(ids.every((id, index) => index === 0 || id > (ids[index - 1] as number)), 'later and later')
  const texts = Map.groupBy(
    viewers.flatMap(({ events }) => events.filter(({ event }) => event === 'second')),
    ({ id }) => id
  )
  for (const [id, told] of texts) t.equal(new Set(told.map(({ text }) => text)).size, 1, `one text of ${id}`)

  t.match((first.events.at(-1) as StreamedEvent).data.state, {
    isKnown: false,
    depth: null,
    workers: null,
    deadLetters: null,
    lastKnown: { queueDepth: 3, circuitState: 'OPEN', workers: 0, deadLetters: 0 }
  }, 'a reading that nobody renewed is none of now')
  t.match(state, {
    isKnown: true,
    lastKnown: null,
    circuitState: 'OPEN',
    mode: 'true',
    configuredMode: 'true',
    role: 'api',
    depth: 3,
    thresholds: { warning: 2, critical: 3, recovery: 1, hardLimit: 1000 },
    decisions: {
      critical: { admitted: true },
      normal: { admitted: false, reason: 'circuit-open', retryAfterSeconds: Number }
    },
    refusals: state.refusals.map(() => ({ priorityClass: 'normal', reason: 'circuit-open' })),
    spool: null,
    deadLetters: 0
  })
  t.ok(state.oldestWaitingSeconds.critical > 0)
  t.match(state.topTypes, [{ type: 'refused', events: 2_000 }])

  const last = seconds(first).at(-1)?.id as string
  const back = await openStream(t, app, STREAM, { 'last-event-id': last })
  await eventually('the rest is there', () => back.events.length > 0)
  t.ok(
    back.events[0]?.data.series.time.every((time: number) => time > Number(last)),
    'who comes back gets what it missed'
  )

  const ended = Promise.all([...viewers, back].map((viewer) => viewer.ended))
  await app.close()
  await ended
  t.ok(viewers.every(({ response }) => response.complete), 'streams end with the process')
})

t.test('what happens on any replica shows on every other', async (t) => {
  const { app, redis } = await startApp(t, { env: TINY })
  const { app: other } = await startApp(t, { redis, env: TINY })
  const viewer = await openStream(t, other, STREAM)
  const told = () => viewer.events.flatMap(({ data }) => data.incidents as { kind: string, text: string }[])
  for (let event = 0; event < 3; event++) await post(app, { type: 'filling', payload: event, priority: 1 })
  await eventually(
    'both have opened',
    () => [app, other].every(({ backpressure }) => backpressure.signals.circuitState === 'OPEN')
  )
  await app.inject({ method: 'POST', url: '/api/v1/workers/pause' })
  const shedOf = (reason: string) =>
    seconds(viewer).reduce((sum, { data }) => sum + (data.series.shed[reason][0] ?? 0), 0)
  await eventually('refusals of the one show on the other', async () => {
    await post(app, { type: 'refused', payload: 1 })
    return shedOf('circuit-open') > 0
  })
  t.strictSame(viewer.events.at(-1)?.data.state.refusals, [], 'though it has refused nothing itself')
  t.strictSame(told().map(({ kind }) => kind).filter((kind) => ['circuit', 'paused'].includes(kind)), [
    'circuit',
    'paused'
  ])
})

t.test('one address gets few of the last streams', async (t) => {
  const { app } = await startApp(t)
  occupy(app.dashboards, 890)
  for (let opened = 0; opened < 10; opened++) t.equal((await openStream(t, app, STREAM)).response.statusCode, 200)
  t.ok(app.dashboards.canAdd('another'))
  t.notOk(app.dashboards.canAdd('127.0.0.1'))
  t.equal((await openStream(t, app, STREAM)).response.statusCode, 503)
})

t.test('a process that is about to stop takes no further viewer, and a refusal says so', async (t) => {
  const { app } = await startApp(t)
  app.dashboards.close()
  const answer = await app.inject(STREAM)
  assertProblem(t, answer, 503, 'too-many-dashboards', 'a stream')
  t.equal(answer.headers['retry-after'], '5')
})

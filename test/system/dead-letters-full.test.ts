import t from 'tap'
import { DONE } from '../../services/event/outcome.ts'
import { eventHandler, post, postBatch, startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'

const CAP = 5
const FULL = {
  ROLE: 'all', DEAD_LETTER_MAX_EVENTS: String(CAP), RULE_ENGINE_WORKER_CONCURRENCY: '1', BATCH_MAX_EVENTS: '1'
}
const events = (count: number, type = 'x') => Array.from({ length: count }, (_, payload) => ({ type, payload }))

t.test('workers take no batch while there is no room for dead letters: nothing is discarded, load is shed, and what waits is handled later', async (t) => {
  const { log, lines } = capturedLog()
  let isRefusing = true
  const { app } = await startApp(t, {
    env: { ...FULL, QUEUE_RECOVERY_THRESHOLD: '5', QUEUE_WARNING_THRESHOLD: '10', QUEUE_CRITICAL_THRESHOLD: '20' }, log,
    handlers: [eventHandler(() => isRefusing ? { status: 'dead', reason: 'no such page' } : DONE)]
  })
  t.equal((await postBatch(app, events(CAP))).statusCode, 202)
  await eventually('it takes no batch', () => app.workerEntry?.().holds.includes('dead-letters-full'))
  await eventually('load is shed', async () => (await postBatch(app, events(5))).statusCode === 503)
  const { kept, discarded } = (await app.queue.sample()).deadLetters
  t.equal(discarded, 0)
  t.ok(kept <= CAP + 1, 'no more than what was in work beside')
  t.equal(lines.filter(({ event }) => event === 'dead-letters-full').length, 1)
  t.match(
    lines.find(({ event }) => event === 'dead-letters-full'),
    { level: 50, most: CAP, msg: /replay or delete.*DEAD_LETTER_MAX_EVENTS.*DEAD_LETTER_OVERFLOW/ }
  )
  const readings = await eventually(
    'all can see why',
    () => app.queueMonitor.reading?.workers[0]?.holds.length === 1 && app.queueMonitor.reading
  )
  t.match(readings.workers, [{ holds: ['dead-letters-full'] }])

  isRefusing = false
  await app.deadLetters.deleteMatching({})
  await eventually('all that waited is handled', () =>
    app.queueMonitor.reading?.depthByPriority.every((depth) => depth === 0)
  )
  t.strictSame(app.workerEntry?.().holds, [])
  t.equal((await app.queue.sample()).deadLetters.kept, 0)
})

t.test('bytes of dead letters are room as well', async (t) => {
  let isRefusing = true
  const { app } = await startApp(t, {
    env: { ...FULL, DEAD_LETTER_MAX_EVENTS: '1000000', DEAD_LETTER_MAX_BYTES: '100000' },
    handlers: [eventHandler(() => isRefusing ? { status: 'dead', reason: 'no such page' } : DONE)]
  })
  const large = (count: number) => Array.from({ length: count }, () => ({ type: 'x', payload: 'x'.repeat(40_000) }))
  t.equal((await postBatch(app, large(4))).statusCode, 202)
  await eventually('it takes no batch', () => app.workerEntry?.().holds.includes('dead-letters-full'))
  const { kept, discarded } = (await app.queue.sample()).deadLetters
  t.ok(kept >= 3 && kept <= 4)
  t.equal(discarded, 0)
  isRefusing = false
  await app.deadLetters.deleteMatching({})
  await eventually(
    'what waits is handled',
    () => app.queueMonitor.reading?.depthByPriority.every((depth) => depth === 0)
  )
})

t.test('a replay makes the room that workers wait for, whatever has come meanwhile', async (t) => {
  let isRefusing = true
  const { app } = await startApp(t, {
    env: { ...FULL, QUEUE_RECOVERY_THRESHOLD: '5', QUEUE_WARNING_THRESHOLD: '10', QUEUE_CRITICAL_THRESHOLD: '20' },
    handlers: [eventHandler(() => isRefusing ? { status: 'dead', reason: 'no such page' } : DONE)]
  })
  await postBatch(app, events(CAP))
  await eventually('it takes no batch', () => app.workerEntry?.().holds.includes('dead-letters-full'))
  await eventually('the backlog is critical', async () => (await postBatch(app, events(5))).statusCode === 503)
  isRefusing = false
  t.equal(
    (await app.inject({ method: 'POST', url: '/api/v1/dead-letters/replay', payload: { filter: {} } })).statusCode,
    202
  )
  await eventually(
    'all is handled',
    async () =>
      (await app.queue.sample()).deadLetters.kept === 0 &&
      app.queueMonitor.reading?.depthByPriority.every((depth) => depth === 0)
  )
  t.strictSame(app.workerEntry?.().holds, [])
})

t.test('the oldest dead letters go where an operator chose that', async (t) => {
  const { app } = await startApp(t, {
    env: { ...FULL, DEAD_LETTER_OVERFLOW: 'discard-oldest' },
    handlers: [eventHandler(() => ({ status: 'dead', reason: 'no' }))]
  })
  await postBatch(app, events(CAP + 3))
  await eventually('all died', () => app.queueMonitor.reading?.dead === CAP + 3)
  t.match((await app.queue.sample()).deadLetters, { kept: CAP, discarded: 3 })
  t.strictSame(app.workerEntry?.().holds, [])
})

t.test('so do those that are too many bytes', async (t) => {
  const { app } = await startApp(t, {
    env: {
      ...FULL,
      DEAD_LETTER_OVERFLOW: 'discard-oldest',
      DEAD_LETTER_MAX_EVENTS: '1000000',
      DEAD_LETTER_MAX_BYTES: '100000'
    },
    handlers: [eventHandler(() => ({ status: 'dead', reason: 'no' }))]
  })
  await postBatch(app, Array.from({ length: 5 }, () => ({ type: 'x', payload: 'x'.repeat(40_000) })))
  await eventually('all died', () => app.queueMonitor.reading?.dead === 5)
  t.match((await app.queue.sample()).deadLetters, { kept: 2, discarded: 3 })
  t.strictSame(app.workerEntry?.().holds, [])
})

t.test('bytes of dead letters are a share of what Redis may hold unless they are configured', async (t) => {
  const redis = await startRedis(t, { extraArgs: ['--maxmemory', '20mb'] })
  const { app } = await startApp(t, {
    redis, env: { ...FULL, DEAD_LETTER_MAX_EVENTS: '1000000' },
    handlers: [eventHandler(() => ({ status: 'dead', reason: 'no' }))]
  })
  // A fifth of 20 MiB.
  for (let posted = 0; posted < 12; posted++) await post(app, { type: 'x', payload: 'x'.repeat(500_000) })
  await eventually('it takes no batch', () => app.workerEntry?.().holds.includes('dead-letters-full'))
  const { bytes, discarded } = (await app.queue.sample()).deadLetters
  t.ok(bytes >= 0.2 * 20 * 1_048_576 && bytes < 0.3 * 20 * 1_048_576, `${bytes} bytes`)
  t.equal(discarded, 0)
})

import t from 'tap'
import { EXIT } from '../../../cli/exit-code.ts'
import { DONE } from '../../../services/event/outcome.ts'
import { eventHandler, postBatch, startApp } from '../../app.ts'
import { bullmqOf } from '../../bullmq.ts'
import { eventually } from '../../../rig/eventually.ts'
import { listen, runCli, stop } from '../run-cli.ts'

const events = Array.from({ length: 20 }, (_, index) => ({ type: 'a', payload: index }))

t.test('without a worker it says so, and ends with 1 when its time is over', async (t) => {
  const { app } = await startApp(t)
  const env = await listen(app)
  t.match(await runCli(['drain'], { env }), { code: EXIT.ok, out: /^drained in/ })
  await postBatch(app, events)
  await eventually('the events are in the reading', () => app.backpressure.signals.depth === events.length)
  const plain = await runCli(['drain', '--timeout', '3'], { env })
  t.match(plain, {
    code: EXIT.failed,
    out: /not drained after .*: 20 events are left; no worker is running/,
    err: /! no worker is running/
  })
  const json = await runCli(['drain', '--timeout', '0.1', '--json'], { env })
  t.match(json.json(), { drained: false, pending: 20, reason: /no worker is running/ })

  await bullmqOf(app).pause()
  await eventually('the pause is in the reading', () => app.queueMonitor.reading?.isPaused === true)
  t.match(await runCli(['drain', '--timeout', '3'], { env }), { code: EXIT.failed, out: /the workers are paused/ })

  const controller = new AbortController()
  const waiting = runCli(['drain'], { env, signal: controller.signal })
  stop(controller)
  t.equal((await waiting).code, EXIT.interrupted)
})

t.test('it waits until everything is processed, retries too', async (t) => {
  const tried = new Set<unknown>()
  const { app } = await startApp(t, {
    env: { ROLE: 'all', RETRY_BACKOFF_MS: '100' },
    handlers: [eventHandler(({ payload }) => {
      if (payload !== 7 || tried.has(payload)) return DONE
      tried.add(payload)
      return { status: 'retry', reason: 'once' }
    })]
  })
  const env = await listen(app)
  await postBatch(app, events)
  const drained = await runCli(['drain', '--json'], { env })
  t.equal(drained.code, EXIT.ok)
  t.match(drained.json(), { drained: true, pending: 0 })
  t.match((await app.inject('/api/v1/metrics/queue')).json(), {
    queue: { totalPending: 0, counts: { delayed: 0, completed: 20 } }
  })
})

t.test('while the queue cannot be read it says what was known last, and takes nothing for drained', async (t) => {
  const { app, redis } = await startApp(t)
  const env = await listen(app)
  await postBatch(app, events)
  await eventually('the events are in the reading', () => app.backpressure.signals.depth === events.length)
  await redis.kill()
  await eventually('the queue is lost', () => !app.queueStatus().isKnown)
  const unknown =
    /the queue cannot be read; the last reading was at [\d:]{8} UTC, .* ago; the depth is unknown, last known: 20 events at /
  const plain = await runCli(['drain', '--timeout', '3'], { env })
  t.match(plain, { code: EXIT.failed, out: unknown, err: unknown })
  t.equal(plain.err.match(/the depth is unknown/g)?.length, 1, 'once')
  t.match((await runCli(['drain', '--timeout', '0.1', '--json'], { env })).json(), {
    drained: false, pending: null, reason: unknown, lastKnown: { queueDepth: 20 }
  })
  t.match(
    (await runCli(['status'], { env })).out,
    /depth     unknown, last known: 20 events[^]*circuit   unknown, last known: CLOSED\n {2}workers   unknown, last known: 0/
  )
  const report = await runCli(['doctor', '--json'], { env: { ...env, REDIS_URL: redis.url, DATA_DIR: redis.folder } })
  t.match(
    (report.json() as unknown as { findings: { check: string }[] }).findings.find(({ check }) => check === 'service'),
    { severity: 'error', what: /cannot be read/, why: /unknown, last known: 20 events/ }
  )
})

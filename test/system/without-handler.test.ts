import t from 'tap'
import { DONE } from '../../services/event/outcome.ts'
import { eventHandler, post, startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startServer } from '../../rig/spawned-server.ts'

const WAIT = { WITHOUT_HANDLER: 'wait' }

t.test('a worker without handlers leaves every event to the one that has some, and says what is missing', async (t) => {
  const { log, lines } = capturedLog()
  const { app: idle, redis } = await startApp(t, { env: { ROLE: 'worker', ...WAIT }, handlers: 'configured', log })
  const { app: api } = await startApp(t, { redis })
  for (let count = 0; count < 20; count++) await post(api, { type: 'x', payload: count })
  t.match(await eventually('it is on the list', () => api.queueMonitor.reading?.workers[0]), {
    handlers: [], holds: ['no-handlers']
  })
  t.equal(api.queueMonitor.reading?.done, 0)
  t.match(
    lines.filter(({ event }) => event === 'no-handlers'),
    [{ level: 40, withoutHandler: 'wait', msg: /DELIVERY_URL or RULES_FILE/ }]
  )

  const handled: unknown[] = []
  await startApp(t, {
    redis,
    env: { ROLE: 'worker', ...WAIT },
    handlers: [
      eventHandler(({ payload }) => {
        handled.push(payload)
        return DONE
      })
    ]
  })
  for (let count = 20; count < 40; count++) await post(api, { type: 'x', payload: count })
  await eventually('all are handled', () => handled.length === 40)
  t.equal(lines.filter(({ event }) => event === 'no-handlers').length, 1, 'once')

  const readiness = await idle.inject('/api/v1/health/readiness')
  t.equal(readiness.statusCode, 503)
  t.match(readiness.json(), {
    status: 'not ready', checks: { queue: 'ok', handlers: 'failed' }, reason: /DELIVERY_URL or RULES_FILE/
  })
  t.equal((await idle.inject('/api/v1/health/liveness')).statusCode, 200)
})

t.test('a process that takes events too is ready, while they wait', async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'all', ...WAIT }, handlers: 'configured' })
  t.equal((await app.inject('/api/v1/health/readiness')).statusCode, 200)
  t.equal((await post(app, { type: 'x', payload: 1 })).statusCode, 202)
  await eventually('it waits', () => app.queueMonitor.reading?.depthByPriority[5] === 1)
  t.match(app.workerEntry?.(), { handlers: [], holds: ['no-handlers'] })
})

t.test('a worker with a handler is ready, and so is one that discards on purpose', async (t) => {
  const { app, redis } = await startApp(t, { env: { ROLE: 'worker', ...WAIT }, handlers: [eventHandler(() => DONE)] })
  t.match((await app.inject('/api/v1/health/readiness')).json(), { status: 'ready', checks: { handlers: 'ok' } })
  const { app: discarding } = await startApp(t, {
    redis,
    env: { ROLE: 'worker', WITHOUT_HANDLER: 'discard' },
    handlers: 'configured'
  })
  t.equal((await discarding.inject('/api/v1/health/readiness')).statusCode, 200)
})

t.test('npm start shows events on the console, unless something else is asked for', async (t) => {
  const redis = await startRedis(t)
  const settings = { REDIS_URL: redis.url, npm_lifecycle_event: 'start', SHUTDOWN_DELAY_MS: '0' }
  const table: [env: Record<string, string>, handlers: string[], holds: string[]][] = [
    [{}, ['show'], []],
    [{ WITHOUT_HANDLER: '' }, ['show'], []],
    [{ WITHOUT_HANDLER: 'wait' }, [], ['no-handlers']],
    [{ DELIVERY_URL: 'http://127.0.0.1:9/' }, ['delivery'], []],
    [{ ROLE: 'worker' }, [], ['no-handlers']],
    [{ npm_lifecycle_event: '' }, [], ['no-handlers']]
  ]
  for (const [env, handlers, holds] of table) {
    const { url, log, printed, kill } = await startServer(t, { ...settings, ...env })
    t.match(
      await eventually('it has started', () => log.find(({ event }) => event === 'worker-started')),
      { handlers, holds },
      JSON.stringify(env)
    )
    if (handlers.includes('show')) {
      const answer = await fetch(`${url}/api/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"type":"hello","payload":{"n":1}}'
      })
      const { id } = await answer.json() as { id: string }
      await eventually('it is shown', () => printed.includes(`event hello · priority 5 · id ${id} · {"n":1}`))
      t.match(printed.join('\n'), /nothing else takes them\.\n.*DELIVERY_URL.*RULES_FILE/, 'the start says so')
    }
    await kill('SIGKILL')
  }
})

t.test('a process whose console nobody reads any more goes on, and keeps the events that nobody would see', async (t) => {
  const redis = await startRedis(t)
  const { url, child, printed, kill } = await startServer(t, {
    REDIS_URL: redis.url,
    WITHOUT_HANDLER: 'show',
    SHUTDOWN_DELAY_MS: '0'
  })
  const send = async () =>
    (await fetch(`${url}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"type":"x","payload":1}'
    })).status
  t.equal(await send(), 202)
  await eventually('it is shown', () => printed.some((line) => line.startsWith('event x')))
  child.stdout?.destroy()
  await eventually('events wait', async () => {
    await send()
    const { workers: { list }, queue: { totalPending } } = await (await fetch(`${url}/api/v1/metrics/queue`))
      .json() as { workers: { list: { holds: string[] }[] }, queue: { totalPending: number } }
    return list[0]?.holds.includes('no-handlers') && totalPending > 0
  })
  t.same(await kill('SIGTERM'), { code: 0, signal: null })
})

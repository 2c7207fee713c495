import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { json } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { startConsumer, type Consumer } from '../services/delivery/consumer.ts'
import { eventually } from '../eventually.ts'
import { startRedis } from '../redis.ts'
import { startServer, type SpawnedServer } from '../spawned-server.ts'

const QUIET = { LOG_LEVEL: 'info', DELIVERY_TIMEOUT_MS: '2000', EVENT_ATTEMPTS: '100', RETRY_BACKOFF_MS: '100' }

/** Ids that the consumer has received, with how often. */
function received (consumer: Consumer): Map<string, number> {
  const ids = new Map<string, number>()
  for (const { body } of consumer.calls) {
    for (const { id } of JSON.parse(body) as { id: string }[]) ids.set(id, (ids.get(id) ?? 0) + 1)
  }
  return ids
}

/** Posts events in `lanes` parallel loops until told to stop; collects the ids that were answered 202, and the requests that broke off. */
function load (t: Test, url: () => string, lanes = 16) {
  const accepted: string[] = []
  const cut: unknown[] = []
  const over = new AbortController()
  let posted = 0
  const lane = async () => {
    while (!over.signal.aborted) {
      const id = `event-${posted++}`
      try {
        const answer = await fetch(`${url()}/api/v1/events`, {
          method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ type: 'x', payload: { id }, id, priority: 1 + posted % 5 })
        })
        await answer.arrayBuffer()
        if (answer.status === 202) accepted.push(id)
      } catch (error) {
        // The process is down: nothing was promised.
        const { code } = (error as { cause?: { code?: string } }).cause ?? {}
        if (code !== 'ECONNREFUSED') cut.push(error)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }
  const lanesDone = Promise.all(Array.from({ length: lanes }, lane))
  const stop = async () => {
    over.abort()
    await lanesDone
  }
  t.teardown(stop)
  return { accepted, cut, stop }
}

async function settles (t: Test, server: SpawnedServer, consumer: Consumer, accepted: readonly string[]): Promise<void> {
  await eventually('everything that was accepted is delivered', () => {
    const ids = received(consumer)
    return accepted.every((id) => ids.has(id))
  })
  const body = await eventually('the depth is back at zero', async () => {
    const { queue } = await (await fetch(`${server.url}/api/v1/metrics/queue`)).json() as { queue: { totalPending: number, health: string, counts: { delayed: number } } }
    return queue.health === 'healthy' && queue.totalPending === 0 && queue.counts.delayed === 0 && queue
  })
  t.equal(body.totalPending, 0)
}

t.test('a worker that is killed in the middle of a batch loses nothing', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const consumer = await startConsumer(t)
  const env = { ...QUIET, REDIS_URL: redis.url, DELIVERY_URL: consumer.url }
  const api = await startServer(t, { ...env, ROLE: 'api' })
  // Holds its calls open, so that the worker is in the middle of its batches.
  consumer.answer = () => {}
  const first = await startServer(t, { ...env, ROLE: 'worker' })
  const events = Array.from({ length: 500 }, (_, index) => ({ type: 'x', payload: index, id: `event-${index}` }))
  const answer = await fetch(`${api.url}/api/v1/events/batch`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(events) })
  t.equal(answer.status, 202)
  await eventually('the worker is delivering', () => consumer.calls.length > 0)
  await first.kill('SIGKILL')
  consumer.calls.length = 0
  consumer.answer = (_call, reply) => { reply.end() }
  await startServer(t, { ...env, ROLE: 'worker' })
  await settles(t, api, consumer, events.map(({ id }) => id))
})

t.test('an API that is killed under load has kept what it accepted', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const consumer = await startConsumer(t)
  const env = { ...QUIET, REDIS_URL: redis.url, DELIVERY_URL: consumer.url }
  let api = await startServer(t, { ...env, ROLE: 'api' })
  await startServer(t, { ...env, ROLE: 'worker' })
  const posting = load(t, () => api.url)
  for (let kills = 1; kills <= 2; kills++) {
    await eventually('events are accepted', () => posting.accepted.length >= kills * 300)
    await api.kill('SIGKILL')
    api = await startServer(t, { ...env, ROLE: 'api' })
  }
  await posting.stop()
  await settles(t, api, consumer, posting.accepted)
})

t.test('a Redis that is killed under load has kept what was accepted, and everything goes on by itself', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const consumer = await startConsumer(t)
  const server = await startServer(t, { ...QUIET, REDIS_URL: redis.url, DELIVERY_URL: consumer.url })
  const posting = load(t, () => server.url)
  for (let kills = 1; kills <= 2; kills++) {
    await eventually('events are accepted', () => posting.accepted.length >= kills * 300)
    await redis.restart('SIGKILL')
  }
  const before = posting.accepted.length
  await eventually('events are accepted again', () => posting.accepted.length > before + 100)
  await posting.stop()
  await settles(t, server, consumer, posting.accepted)
})

t.test('an embedded Redis that is killed is started again and has kept what was accepted', async (t) => {
  const consumer = await startConsumer(t)
  const server = await startServer(t, { ...QUIET, DATA_DIR: t.testdir(), DELIVERY_URL: consumer.url })
  // Killed with SIGKILL it would leave its Redis to the next process on this directory, and there is none.
  t.teardown(async () => { await server.kill('SIGTERM') })
  const posting = load(t, () => server.url)
  await eventually('events are accepted', () => posting.accepted.length >= 300)
  const { redisPid } = server.log.find(({ event }) => event === 'embedded-redis-started') as { redisPid: number }
  process.kill(redisPid, 'SIGKILL')
  const before = posting.accepted.length
  await eventually('events are accepted again', () => posting.accepted.length > before + 300)
  await posting.stop()
  await settles(t, server, consumer, posting.accepted)
  const { code } = await server.kill('SIGTERM')
  t.equal(code, 0)
})

t.test('a process that is asked to stop under load cuts no request and loses nothing', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const consumer = await startConsumer(t)
  // As long as this process may be held up between seeing that the server is unready and turning to the next one.
  const env = { ...QUIET, REDIS_URL: redis.url, DELIVERY_URL: consumer.url, SHUTDOWN_DELAY_MS: '5000' }
  let server = await startServer(t, env)
  const next = await startServer(t, env)
  const posting = load(t, () => server.url)
  await eventually('events are accepted', () => posting.accepted.length >= 500)
  const stopping = server
  const stopped = stopping.kill('SIGTERM')
  await eventually('it has turned unready', async () => (await fetch(`${stopping.url}/api/v1/health/readiness`)).status === 503)
  // As a load balancer does.
  server = next
  t.same(await stopped, { code: 0, signal: null })
  t.strictSame(posting.cut, [], 'every request that was sent was answered')
  await eventually('events are accepted elsewhere', () => posting.accepted.length >= 1000)
  await posting.stop()
  await settles(t, next, consumer, posting.accepted)
})

t.test('a sender that falls silent does not hold up the stop, and is told how far it came', async (t) => {
  const server = await startServer(t, { ...QUIET, DATA_DIR: t.testdir(), ROLE: 'api' })
  t.teardown(async () => { await server.kill('SIGTERM') })
  const call = request(`${server.url}/api/v1/events/batch`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' } })
  const answered = once(call, 'response') as Promise<[IncomingMessage]>
  call.write('{"type":"x","payload":1}\n{"type":"x","pay')
  await eventually('the first line is stored', async () =>
    (await (await fetch(`${server.url}/api/v1/metrics/queue/summary`)).json() as { queueDepth: number }).queueDepth === 1)
  const stopped = server.kill('SIGTERM')
  const [answer] = await answered
  t.equal(answer.statusCode, 207)
  t.match(await json(answer), { accepted: 1, stoppedAfterLine: 1 })
  call.destroy()
  t.same(await stopped, { code: 0, signal: null })
})

t.test('a process that is told to stop while it starts leaves no Redis behind', async (t) => {
  const dataDir = t.testdir()
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../server.ts')], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, PORT: '0', DATA_DIR: dataDir }, stdio: ['ignore', 'pipe', 'inherit']
  })
  const exited = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) {
    if ((JSON.parse(line) as { event?: string }).event === 'embedded-redis-started') child.kill('SIGTERM')
  }
  t.same(await exited, [0, null])
  t.notOk(existsSync(join(dataDir, 'redis.sock')))
})

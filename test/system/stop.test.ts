import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { json } from 'node:stream/consumers'
import t from 'tap'
import { startConsumer } from '../../rig/consumer.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startServer } from '../../rig/spawned-server.ts'
import { QUIET, settles, startPosting } from './posting.ts'

t.test('a process that is asked to stop under load cuts no request and loses nothing', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const consumer = await startConsumer(t)
  // As long as this process may be held up between seeing that the server is unready and turning to the next one.
  const env = { ...QUIET, REDIS_URL: redis.url, DELIVERY_URL: consumer.url, SHUTDOWN_DELAY_MS: '5000' }
  let server = await startServer(t, env)
  const next = await startServer(t, env)
  const posting = startPosting(t, () => server.url)
  await eventually('events are accepted', () => posting.accepted.length >= 500)
  const stopping = server
  const stopped = stopping.kill('SIGTERM')
  await eventually(
    'it has turned unready',
    async () => (await fetch(`${stopping.url}/api/v1/health/readiness`)).status === 503
  )
  // As a load balancer does.
  server = next
  const before = posting.accepted.length
  await eventually('events are accepted elsewhere', () => posting.accepted.length >= before + 500)
  await posting.stop()
  t.same(await stopped, { code: 0, signal: null })
  t.strictSame(posting.cut, [], 'every request that was sent was answered')
  await settles(t, next, consumer, posting.accepted)
})

t.test('a sender that falls silent does not hold up the stop, and is told how far it came', async (t) => {
  const server = await startServer(t, { ...QUIET, DATA_DIR: t.testdir(), ROLE: 'api' })
  t.teardown(async () => {
    await server.kill('SIGTERM')
  })
  const call = request(`${server.url}/api/v1/events/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' }
  })
  const answered = once(call, 'response') as Promise<[IncomingMessage]>
  call.write('{"type":"x","payload":1}\n{"type":"x","pay')
  await eventually(
    'the first line is stored',
    async () =>
      (await (await fetch(`${server.url}/api/v1/metrics/queue/summary`)).json() as { queueDepth: number })
        .queueDepth === 1
  )
  const stopped = server.kill('SIGTERM')
  const [answer] = await answered
  t.equal(answer.statusCode, 207)
  t.match(await json(answer), { accepted: 1, stoppedAfterLine: 1 })
  call.destroy()
  t.same(await stopped, { code: 0, signal: null })
})

t.test('a sender that goes on sending gets the answer that tells how far it came', async (t) => {
  for (let round = 0; round < 3; round++) {
    const server = await startServer(t, { ...QUIET, DATA_DIR: t.testdir(), ROLE: 'api' })
    const call = request(`${server.url}/api/v1/events/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' }
    })
    // Once it has its answer the connection is closed.
    call.on('error', () => {})
    const answered = new Promise<unknown>((resolve, reject) => {
      call.once('error', reject)
      call.once('response', (answer) => {
        answer.once('error', reject)
        json(answer).then(resolve, reject)
      })
    })
    // Refused lines are listed, so the answer is longer than a socket takes at once.
    const lines = `{"type":"x","payload":1}\n${'{"type":""}\n'.repeat(2_000)}`
    const sending = setInterval(() => call.write(lines), 1)
    t.teardown(() => clearInterval(sending))
    await eventually(
      'some of it is stored',
      async () =>
        (await (await fetch(`${server.url}/api/v1/metrics/queue/summary`)).json() as { queueDepth: number })
          .queueDepth > 0
    )
    const stopped = server.kill('SIGTERM')
    t.match(await answered, { accepted: Number, stoppedAfterLine: Number })
    clearInterval(sending)
    call.destroy()
    t.same(await stopped, { code: 0, signal: null })
  }
})

t.test('a process that is told to stop while it starts leaves no Redis behind', async (t) => {
  const dataDir = t.testdir()
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../server.ts')], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, PORT: '0', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const exited = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) {
    if ((JSON.parse(line) as { event?: string }).event === 'embedded-redis-started') child.kill('SIGTERM')
  }
  t.same(await exited, [0, null])
  t.notOk(existsSync(join(dataDir, 'redis.sock')))
})

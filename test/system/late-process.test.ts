import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { json } from 'node:stream/consumers'
import { availableParallelism } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { IngestReport } from '../../services/intake/ingest-report.ts'
import { decodeEvents } from '../../services/queue/batch-data.ts'
import { startBusyProcesses } from '../busy-processes.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis, type RedisProcess } from '../../rig/redis.ts'
import { startReadyServer } from '../../rig/spawned-server.ts'
import { startQueue } from '../services/queue/setup.ts'

/** Longer than a command may take; the first one also than a connection may be silent. */
const PAUSES_MS = [3_500, 1_500, 1_500, 1_500]
/** Enough for the process to be at work, and not waiting, when it is stopped. */
const SENDERS = 300
const LINES = 50_000

/**
 * The reading of the queue is due as often as it is in production, which makes a late process more likely to blame
 * Redis.
 */
const SHARP = {
  ROLE: 'api', QUEUE_SAMPLE_INTERVAL_MS: '100', QUEUE_RECOVERY_THRESHOLD: '1000000', QUEUE_WARNING_THRESHOLD: '2000000',
  QUEUE_CRITICAL_THRESHOLD: '3000000', QUEUE_HARD_LIMIT: '4000000'
}

async function postOne (
  agent: Agent, url: string, payload: number
): Promise<{ status: number | undefined, reason?: string }> {
  const call = request(`${url}/api/v1/events`, {
    agent, method: 'POST', headers: { 'content-type': 'application/json' }
  })
  call.end(JSON.stringify({ type: 'x', payload }))
  const [answer] = await once(call, 'response')
  const { reason } = await json(answer) as { reason?: string }
  return { status: answer.statusCode, ...(reason !== undefined && { reason }) }
}

async function postMany (url: string, body: Iterable<string>, type: string): Promise<IngestReport> {
  const call = request(`${url}/api/v1/events/batch`, { method: 'POST', headers: { 'content-type': type } })
  const answered = once(call, 'response')
  await pipeline(Readable.from(body), call)
  const [answer] = await answered
  return await json(answer) as IngestReport
}

async function storedPayloads (t: Test, redis: RedisProcess): Promise<unknown[]> {
  const { bullmq } = await startQueue(t, redis)
  const payloads: unknown[] = []
  for (const { id, data } of await bullmq.getJobs(['prioritized'])) {
    payloads.push(...decodeEvents(id as string, data).map(({ payload }) => payload))
  }
  return payloads
}

t.test('a process that was stopped blames nobody: what it answers is stored once, and nothing is refused', async (t) => {
  const redis = await startRedis(t)
  const { url, child } = await startReadyServer(t, { REDIS_URL: redis.url, ...SHARP })
  const agent = new Agent({ keepAlive: true, maxSockets: SENDERS })
  t.teardown(async () => { agent.destroy() })
  const answers: { payload: number, status: number | undefined, reason?: string }[] = []
  const load = { isOver: false, next: 0 }
  const senders = Array.from({ length: SENDERS }, async () => {
    while (!load.isOver) {
      const payload = load.next++
      answers.push({ payload, ...await postOne(agent, url, payload) })
    }
  })
  for (const pauseMs of PAUSES_MS) {
    const before = answers.length
    await eventually('posts are answered', () => answers.length > before + 2 * SENDERS)
    child.kill('SIGSTOP')
    await wait(pauseMs)
    child.kill('SIGCONT')
  }
  const before = answers.length
  await eventually('posts are answered again', () => answers.length > before + 2 * SENDERS)
  load.isOver = true
  await Promise.all(senders)
  t.strictSame(answers.filter(({ status }) => status !== 202), [])
  t.strictSame(
    (await storedPayloads(t, redis) as number[]).toSorted((a, b) => a - b),
    answers.map(({ payload }) => payload).toSorted((a, b) => a - b)
  )
})

t.test('a machine without CPU to spare costs a stream and an array nothing', async (t) => {
  const redis = await startRedis(t)
  const { url } = await startReadyServer(t, { REDIS_URL: redis.url, ...SHARP })
  startBusyProcesses(t, 2 * availableParallelism())
  const event = (payload: number) => JSON.stringify({ type: 'x', payload })
  function * lines () { for (let line = 0; line < LINES; line++) yield `${event(line)}\n` }
  const reports = await Promise.all([
    postMany(url, lines(), 'application/x-ndjson'),
    postMany(
      url,
      [`[${Array.from({ length: 9_000 }, (_, index) => event(LINES + index)).join(',')}]`],
      'application/json'
    )
  ])
  t.match(reports, [{ accepted: LINES, shed: 0, invalid: 0 }, { accepted: 9_000, shed: 0, invalid: 0 }])
  t.equal(new Set(await storedPayloads(t, redis)).size, LINES + 9_000)
})

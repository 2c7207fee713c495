/* Several API processes that share one Redis, under a flood that would pass every limit within one sample interval. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { startRedis, type RedisProcess } from '../../rig/redis.ts'
import { startReadyServer, startServer, type SpawnedServer } from '../../rig/spawned-server.ts'
import { transitionsOf } from '../../services/admission/circuit-record.ts'
import { sum } from '../../services/admission/sum.ts'
import { startQueue } from '../services/queue/setup.ts'

const CLOCK = join(import.meta.dirname, '../../rig/shifted-clock.ts')
const REPLICAS = 4
const LIMITS = { recovery: 50, warning: 100, critical: 500, hard: 700 }
const THRESHOLDS = {
  QUEUE_RECOVERY_THRESHOLD: String(LIMITS.recovery),
  QUEUE_WARNING_THRESHOLD: String(LIMITS.warning),
  QUEUE_CRITICAL_THRESHOLD: String(LIMITS.critical),
  QUEUE_HARD_LIMIT: String(LIMITS.hard),
  SPOOL_CLASSES: 'none'
}

interface Answered {
  status: string
  reason?: string
}

/** Starts API processes, of which the last has a clock that is an hour late. */
async function startReplicas (t: Test, redis: RedisProcess): Promise<SpawnedServer[]> {
  const env = { ...THRESHOLDS, REDIS_URL: redis.url, ROLE: 'api' }
  return await Promise.all([
    ...Array.from({ length: REPLICAS - 1 }, () => startReadyServer(t, env)),
    startReadyServer(t, { ...env, CLOCK_SHIFT_MS: '-3600000' }, { flags: ['--import', pathToFileURL(CLOCK).href] })
  ])
}

/** Posts arrays to all replicas at once; answers the result of each event, or of a request refused unread. */
async function flood (
  replicas: readonly SpawnedServer[], { arrays, events, priority }: { arrays: number, events: number, priority: number }
): Promise<Answered[]> {
  const answers = await Promise.all(Array.from({ length: arrays }, async (_, array) => {
    const { url } = replicas[array % replicas.length] as SpawnedServer
    const body = Array.from({ length: events }, (_, index) => ({ type: 'flood', payload: index, priority }))
    const response = await fetch(`${url}/api/v1/events/batch`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body)
    })
    const { results, reason } = await response.json() as { results?: Answered[], reason?: string }
    return results ?? body.map(() => ({ status: 'refused', ...(reason !== undefined && { reason }) }))
  }))
  return answers.flat()
}

const accepted = (answers: readonly Answered[]) => answers.filter(({ status }) => status === 'accepted').length
const reasonsOf = (answers: readonly Answered[]) =>
  [...new Set(answers.filter(({ status }) => status !== 'accepted').map(({ reason }) => reason))].toSorted()
const stateOf = async ({ url }: SpawnedServer) =>
  (await (await fetch(`${url}/api/v1/metrics/queue/summary`)).json() as { circuitState: string }).circuitState
const transitionsIn = (servers: readonly SpawnedServer[]) =>
  servers.flatMap(({ log }) => log).filter(({ event }) => event === 'circuit-transition')
    .toSorted((one, other) => Number(one.epoch) - Number(other.epoch)).map(({ to }) => to)
const agreeOn = (servers: readonly SpawnedServer[], state: string) => eventually(`all are ${state}`, async () =>
  (await Promise.all(servers.map(stateOf))).every((own) => own === state))

t.test('a flood of normal events stops at the critical threshold, one of critical events at the hard limit', async (t) => {
  const { redis, queue } = await startQueue(t)
  const replicas = await startReplicas(t, redis)
  const normal = await flood(replicas, { arrays: 40, events: 90, priority: 4 })
  t.equal(sum((await queue.sample()).depthByPriority), accepted(normal))
  t.ok(accepted(normal) <= LIMITS.critical, `${accepted(normal)} of ${normal.length}`)
  t.strictSame(reasonsOf(normal), ['circuit-open'])
  await agreeOn(replicas, 'OPEN')

  const critical = await flood(replicas, { arrays: 40, events: 90, priority: 1 })
  const depth = sum((await queue.sample()).depthByPriority)
  t.equal(depth, accepted(normal) + accepted(critical))
  t.ok(depth <= LIMITS.hard, `${depth}`)
  t.strictSame(reasonsOf(critical), ['queue-full'])

  await agreeOn(replicas, 'OPEN')
  const { control } = await queue.sample()
  t.equal(transitionsOf(control), 1)
  t.strictSame(transitionsIn(replicas), ['OPEN'], 'one replica logs it')

  t.equal(accepted(await flood(replicas, { arrays: 8, events: 90, priority: 4 })), 0, 'the circuit is open')
})

t.test('every change of the circuit is recorded once, and processes that come late or come back join it', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const { queue } = await startQueue(t, redis)
  const replicas = await startReplicas(t, redis)
  await flood(replicas, { arrays: 20, events: 90, priority: 4 })
  await agreeOn(replicas, 'OPEN')
  const frozen = replicas[0] as SpawnedServer
  process.kill(frozen.pid, 'SIGSTOP')
  const worker = await startServer(t, {
    ...THRESHOLDS, REDIS_URL: redis.url, ROLE: 'worker', WITHOUT_HANDLER: 'discard'
  })
  await agreeOn(replicas.slice(1), 'CLOSED')
  const late = await startReadyServer(t, { ...THRESHOLDS, REDIS_URL: redis.url, ROLE: 'api' })
  t.equal(await stateOf(late), 'CLOSED')
  process.kill(frozen.pid, 'SIGCONT')
  const all = [...replicas, late]
  await agreeOn(all, 'CLOSED')
  t.strictSame(transitionsIn([...all, worker]), ['OPEN', 'HALF_OPEN', 'CLOSED'], 'each in the log of one process')
  t.equal(transitionsOf((await queue.sample()).control), 3)
  await redis.kill()
  await redis.start()
  await agreeOn(all, 'CLOSED')
  const reading = await eventually('the queue can be read again', () => queue.sample())
  t.equal(transitionsOf(reading.control), 3, 'an absence of Redis changes nothing')
})

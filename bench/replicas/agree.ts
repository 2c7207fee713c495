import { setTimeout as wait } from 'node:timers/promises'
import { startConsumer } from '../../rig/consumer.ts'
import { Connection } from '../../rig/load/connection.ts'
import { bytesOf } from '../../rig/load/request.ts'
import { withOwner } from '../../rig/owner.ts'
import { startRedis } from '../../rig/redis.ts'
import { startServer } from '../../rig/spawned-server.ts'
import { flood, THRESHOLDS } from './flood.ts'
import { portOf, startReplicas } from './start.ts'

/** Events per second that the consumer handles, in so many calls at once. */
const CAPACITY = 500
const SLOTS = 20
const TIMES = 10
const POLL_MS = 10
const MOST_DRAIN_MS = 60_000

export interface Agreement {
  /** The states that each replica named, in order. */
  readonly states: readonly (readonly string[])[]
  /** For each change, from the first answer of a replica that named the new state to the first one of the last replica. */
  readonly lagsMs: readonly number[]
  /** The longest answer: a replica is in a state for up to that long before it says so. */
  readonly longestAnswerMs: number
  readonly logged: number
  readonly counted: readonly number[]
}

/** Floods replicas with ten times the capacity, lets the queue drain, and asks each replica for its circuit meanwhile. */
export async function agree (replicas: number, seconds: number): Promise<Agreement> {
  return await withOwner(async (owner) => {
    const redis = await startRedis(owner)
    const consumer = await startConsumer(owner, { keepsCalls: false })
    consumer.answer = ({ body }, reply) => {
      const events = (JSON.parse(body) as unknown[]).length
      setTimeout(() => { reply.end() }, events * 1_000 * SLOTS / CAPACITY)
    }
    const env = { ...THRESHOLDS, REDIS_URL: redis.url }
    const servers = await startReplicas(owner, replicas, env)
    const worker = await startServer(owner, {
      ...env, ROLE: 'worker', DELIVERY_URL: consumer.url, DELIVERY_TIMEOUT_MS: '60000',
      RULE_ENGINE_WORKER_CONCURRENCY: String(SLOTS)
    })
    let longestAnswerMs = 0
    const seen = servers.map(() => [{ state: 'CLOSED', at: 0 }])
    const ask = bytesOf({ method: 'GET', path: '/api/v1/metrics/queue/summary', headers: {}, body: '' })
    const askers = servers.map((server, replica) => new Connection({
      port: portOf(server),
      keepsBody: true,
      onAnswer: (connection, { body }) => {
        longestAnswerMs = Math.max(longestAnswerMs, performance.now() - connection.since)
        const { circuitState: state } = JSON.parse(body) as { circuitState: string }
        if (state !== seen[replica]!.at(-1)?.state) seen[replica]!.push({ state, at: performance.now() })
      },
      onLost: () => {}
    }))
    const asking = setInterval(() => {
      for (const asker of askers) if (!asker.isBusy) asker.send(ask, performance.now())
    }, POLL_MS)
    await flood({ ports: servers.map(portOf), priorities: [1, 4, 4, 9, 9], seconds, eventsPerSecond: TIMES * CAPACITY })
    const deadline = performance.now() + MOST_DRAIN_MS
    const isClosed = () => seen.every((own) => own.length > 1 && own.at(-1)?.state === 'CLOSED')
    while (!isClosed() && performance.now() < deadline) await wait(POLL_MS)
    // A further change would be one too many.
    await wait(1_000)
    clearInterval(asking)
    for (const asker of askers) asker.close()
    const counted = await Promise.all(servers.map(async ({ url }) => {
      const metrics = await (await fetch(`${url}/api/v1/metrics/prometheus`)).text()
      return Number(/^spillway_circuit_transitions_total (\d+)/m.exec(metrics)?.[1])
    }))
    const changes = Math.min(...seen.map(({ length }) => length))
    return {
      states: seen.map((own) => own.map(({ state }) => state)),
      lagsMs: Array.from({ length: changes - 1 }, (_, change) => {
        const times = seen.map((own) => own[change + 1]!.at)
        return Math.max(...times) - Math.min(...times)
      }),
      longestAnswerMs,
      logged: [...servers, worker].flatMap(({ log }) => log).filter(({ event }) => event === 'circuit-transition').length,
      counted
    }
  })
}

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
  /** For each change, from its record until the last replica was in the new state. */
  readonly lagsMs: readonly number[]
  readonly logged: number
  readonly counted: readonly number[]
}

interface CircuitLine {
  readonly event: string
  readonly time: number
  readonly epoch: number
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
    const env = { ...THRESHOLDS, REDIS_URL: redis.url, LOG_LEVEL: 'debug' }
    const servers = await startReplicas(owner, replicas, env)
    const worker = await startServer(owner, {
      ...env, ROLE: 'worker', DELIVERY_URL: consumer.url, DELIVERY_TIMEOUT_MS: '60000',
      RULE_ENGINE_WORKER_CONCURRENCY: String(SLOTS)
    })
    const seen = servers.map(() => ['CLOSED'])
    const ask = bytesOf({ method: 'GET', path: '/api/v1/metrics/queue/summary', headers: {}, body: '' })
    const askers = servers.map((server, replica) => new Connection({
      port: portOf(server),
      keepsBody: true,
      onAnswer: (_connection, { body }) => {
        const { circuitState: state } = JSON.parse(body) as { circuitState: string }
        if (state !== seen[replica]!.at(-1)) seen[replica]!.push(state)
      },
      onLost: () => {}
    }))
    const asking = setInterval(() => {
      for (const asker of askers) if (!asker.isBusy) asker.send(ask, performance.now())
    }, POLL_MS)
    await flood({ ports: servers.map(portOf), priorities: [1, 4, 4, 9, 9], seconds, eventsPerSecond: TIMES * CAPACITY })
    const deadline = performance.now() + MOST_DRAIN_MS
    const isClosed = () => seen.every((own) => own.length > 1 && own.at(-1) === 'CLOSED')
    while (!isClosed() && performance.now() < deadline) await wait(POLL_MS)
    // A further change would be one too many.
    await wait(1_000)
    clearInterval(asking)
    for (const asker of askers) asker.close()
    const counted = await Promise.all(servers.map(async ({ url }) => {
      const metrics = await (await fetch(`${url}/api/v1/metrics/prometheus`)).text()
      return Number(/^spillway_circuit_transitions_total (\d+)/m.exec(metrics)?.[1])
    }))
    const lines = [...servers, worker].flatMap(({ log }) => log) as unknown as CircuitLine[]
    const moves = lines.filter(({ event }) => event === 'circuit-transition')
    return {
      states: seen,
      lagsMs: moves.map((move) => Math.max(0, ...lines
        .filter(({ event, epoch }) => event === 'circuit-followed' && epoch === move.epoch)
        .map(({ time }) => time - move.time))),
      logged: moves.length,
      counted
    }
  })
}

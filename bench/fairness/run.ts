import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startConsumer } from '../../rig/consumer.ts'
import { makeFolder } from '../../rig/folder.ts'
import { Connection } from '../../rig/load/connection.ts'
import { bytesOf } from '../../rig/load/request.ts'
import { withOwner } from '../../rig/owner.ts'
import { startRedis } from '../../rig/redis.ts'
import { startServer } from '../../rig/spawned-server.ts'
import { priorityClass, type PriorityClass } from '../../services/admission/priority-class.ts'
import { newKey } from '../../services/producer/key-text.ts'
import { quantile } from '../median.ts'
import { CAPACITY, eventsOf, keysOf, SHARE_PER_SECOND, SLOTS, type Scenario, type SharedEvent } from './scenarios.ts'

const REPLICAS = 3
const TICK_MS = 2
const WARM_UP_MS = 3_000
const MOST_DRAIN_MS = 120_000
const DRAIN_STEP_MS = 50
const ACCEPTED = 202
/** Refusals because of load and of quotas. */
const REFUSED = [503, 429]

/** Small enough that the flood fills the queue within seconds. */
const THRESHOLDS = { RECOVERY: '100', WARNING: '300', CRITICAL: '1000' }

export interface Outcome {
  /** Share of the events of light organizations that were refused. */
  readonly lightLost: number
  /** From the post to the call of the consumer, 99th percentile, milliseconds. Low events wait for normal ones. */
  readonly lightWaitMs: { readonly normal: number, readonly low: number }
  /** Events per second of the flood that got in while it came. */
  readonly floodPerSecond: number
  /** Jain's index of the parts that organizations got of what they have a right to. */
  readonly jain: number
  /** From the first event until the last was done, seconds. */
  readonly makespan: number
  readonly done: number
}

/** Runs a scenario against three API processes, a worker process, and a consumer with the service times of the events. */
export async function run (
  scenario: Scenario, settings: Readonly<Record<string, string>>, seconds: number, seed: number
): Promise<Outcome> {
  return await withOwner(async (owner) => {
    const redis = await startRedis(owner)
    const consumer = await startConsumer(owner, { keepsCalls: false })
    const events = eventsOf(scenario, seconds, seed)
    const made = [...keysOf(scenario)].flatMap(([organizationId, count]) =>
      Array.from({ length: count }, (_, index) => ({ organizationId, index, key: newKey().key })))
    const headersOf = new Map(made.map(({ organizationId, index, key }) => [`${organizationId} ${index}`, {
      'content-type': 'application/json', 'authorization': `Bearer ${key}`
    }]))
    const file = join(await makeFolder(owner), 'keys.json')
    await writeFile(file, JSON.stringify(made.map(({ organizationId, index, key }) =>
      ({ name: `${organizationId} ${index}`, organizationId, scopes: ['ingest'], key }))), { mode: 0o600 })
    const common = {
      REDIS_URL: redis.url, FORECAST: 'off', MAX_EVENT_LOOP_DELAY_MS: '0', API_KEYS_FILE: file,
      ...Object.fromEntries(Object.entries(THRESHOLDS).map(([name, depth]) => [`QUEUE_${name}_THRESHOLD`, depth])),
      ...settings
    }
    const taken = new Map<number, number>()
    let finished = 0
    consumer.answer = ({ body }, reply) => {
      const batch = (JSON.parse(body) as { data: number }[]).map(({ data }) => events[data] as SharedEvent)
      for (const { id } of batch) if (!taken.has(id)) taken.set(id, performance.now())
      setTimeout(() => {
        finished += batch.length
        reply.end()
      }, batch.reduce((sum, { serviceMs }) => sum + serviceMs, 0))
    }
    await startServer(owner, {
      ...common, ROLE: 'worker', DELIVERY_URL: consumer.url, DELIVERY_TIMEOUT_MS: '60000',
      RULE_ENGINE_WORKER_CONCURRENCY: String(SLOTS)
    })
    const ports: number[] = []
    for (let replica = 0; replica < REPLICAS; replica++) {
      ports.push(Number(new URL((await startServer(owner, { ...common, ROLE: 'api' })).url).port))
    }
    await wait(WARM_UP_MS)

    const sentAt = new Map<number, number>()
    const refused = new Set<number>()
    const asked = new Map<Connection, SharedEvent>()
    const all: Connection[] = []
    const free = ports.map((): Connection[] => [])
    let failed = 0
    const open = (place: number): Connection => {
      const connection = new Connection({
        port: ports[place] as number,
        onAnswer: (from, { status }) => {
          const { id } = asked.get(from) as SharedEvent
          asked.delete(from)
          free[place]!.push(from)
          if (status === ACCEPTED) sentAt.set(id, from.since)
          else if (REFUSED.includes(status)) refused.add(id)
          else failed++
        },
        onLost: (from) => {
          failed++
          asked.delete(from)
        }
      })
      all.push(connection)
      return connection
    }
    const offer = (event: SharedEvent): void => {
      const place = event.id % REPLICAS
      const connection = free[place]!.pop() ?? open(place)
      asked.set(connection, event)
      const { id, type, priority, organization, key } = event
      connection.send(bytesOf({
        method: 'POST', path: '/api/v1/events', headers: headersOf.get(`${organization} ${key}`)!,
        body: JSON.stringify({ type, priority, payload: id })
      }), performance.now())
    }
    const startedAt = performance.now()
    for (let next = 0; next < events.length;) {
      const now = performance.now() - startedAt
      for (; next < events.length && (events[next] as SharedEvent).atMs <= now; next++) offer(events[next] as SharedEvent)
      await wait(TICK_MS)
    }
    const deadline = performance.now() + MOST_DRAIN_MS
    while ((asked.size > 0 || finished < sentAt.size) && performance.now() < deadline) await wait(DRAIN_STEP_MS)
    const makespan = (performance.now() - startedAt) / 1_000
    for (const connection of all) connection.close()
    if (failed > 0) throw new Error(`${failed} requests had no answer, or a wrong one`)
    if (finished < sentAt.size) throw new Error(`${sentAt.size - finished} events were not done in time`)

    const light = events.filter(({ isLight }) => isLight)
    const waitOf = (name: PriorityClass) =>
      quantile(light.filter(({ priority }) => priorityClass(priority) === name).flatMap(({ id }) => {
        const [from, to] = [sentAt.get(id), taken.get(id)]
        return from === undefined || to === undefined ? [] : [to - from]
      }), 0.99)
    const flood = events.filter(({ organization }) => organization === 'flood')
    const floodSeconds = seconds / 3
    const floodAdmitted = flood.filter(({ id }) => sentAt.has(id)).length
    return {
      lightLost: light.filter(({ id }) => refused.has(id)).length / light.length,
      lightWaitMs: { normal: waitOf('normal'), low: waitOf('low') },
      floodPerSecond: floodAdmitted / floodSeconds,
      jain: jainOf(events, seconds, sentAt),
      makespan,
      done: finished
    }
  })
}

/** Jain's index of what each organization got of its right: its offers, or its part of the capacity if that is less. */
function jainOf (events: readonly SharedEvent[], seconds: number, admitted: ReadonlyMap<number, number>): number {
  const [from, to] = [seconds / 3 * 1_000, seconds * 2 / 3 * 1_000]
  const during = Map.groupBy(events.filter(({ atMs }) => atMs >= from && atMs < to), ({ organization }) => organization)
  const offered = [...during].map(([name, sent]) => ({ name, perSecond: sent.length / (seconds / 3), sent }))
  const light = offered.filter(({ perSecond }) => perSecond <= SHARE_PER_SECOND)
  const rest = (CAPACITY - light.reduce((sum, { perSecond }) => sum + perSecond, 0)) / (offered.length - light.length)
  const parts = offered.map(({ perSecond, sent }) => {
    const got = sent.filter(({ id }) => admitted.has(id)).length / (seconds / 3)
    return Math.min(1, got / Math.min(perSecond, perSecond <= SHARE_PER_SECOND ? perSecond : rest))
  })
  const sum = parts.reduce((total, part) => total + part, 0)
  return sum * sum / (parts.length * parts.reduce((total, part) => total + part * part, 0))
}

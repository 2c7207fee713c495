import { setTimeout as wait } from 'node:timers/promises'
import { Connection } from '../../rig/load/connection.ts'
import { bytesOf } from '../../rig/load/request.ts'

/** Small enough that a flood passes them within one sample interval, if nothing holds it. */
export const LIMITS = { recovery: 500, warning: 1_000, critical: 4_000, hard: 6_000 }

/** The environment of each process of the service. */
export const THRESHOLDS: Readonly<Record<string, string>> = {
  QUEUE_RECOVERY_THRESHOLD: String(LIMITS.recovery),
  QUEUE_WARNING_THRESHOLD: String(LIMITS.warning),
  QUEUE_CRITICAL_THRESHOLD: String(LIMITS.critical),
  QUEUE_HARD_LIMIT: String(LIMITS.hard),
  QUEUE_SAMPLE_INTERVAL_MS: '100',
  REDIS_COMMAND_TIMEOUT_MS: '1000',
  FORECAST: 'off',
  MAX_EVENT_LOOP_DELAY_MS: '0',
  SPOOL_CLASSES: 'none'
}

const CONNECTIONS = 200
const ARRAY_EVENTS = 100
/** One request in so many is an array; the others are single posts. */
const ARRAY_EVERY = 5
const MEAN_EVENTS = (ARRAY_EVENTS + ARRAY_EVERY - 1) / ARRAY_EVERY
const TICK_MS = 2

export interface FloodOptions {
  readonly ports: readonly number[]
  readonly priorities: readonly number[]
  readonly seconds: number
  /** Without one, each connection posts as soon as it has its answer. */
  readonly eventsPerSecond?: number
}

export interface Flood {
  readonly offered: number
  /** The reasons of refusals, and how many answers named each. */
  readonly reasons: ReadonlyMap<string, number>
}

/** Posts arrays and single events from 200 connections, spread over all replicas. */
export async function flood ({ ports, priorities, seconds, eventsPerSecond = Infinity }: FloodOptions): Promise<Flood> {
  const requests = Array.from({ length: ARRAY_EVERY * priorities.length }, (_, index) => {
    const event = { type: 'flood', payload: {}, priority: priorities[index % priorities.length] }
    const isArray = index % ARRAY_EVERY === 0
    return {
      events: isArray ? ARRAY_EVENTS : 1,
      bytes: bytesOf({
        method: 'POST',
        path: isArray ? '/api/v1/events/batch' : '/api/v1/events',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(isArray ? Array.from({ length: ARRAY_EVENTS }, () => event) : event)
      })
    }
  })
  const reasons = new Map<string, number>()
  let offered = 0
  let next = 0
  let lost = 0
  let isOver = false
  const free: Connection[] = []
  const send = (connection: Connection) => {
    const { events, bytes } = requests[next++ % requests.length]!
    offered += events
    connection.send(bytes, performance.now())
  }
  const all = Array.from({ length: CONNECTIONS }, (_, index) => new Connection({
    port: ports[index % ports.length] as number,
    keepsBody: true,
    onAnswer: (connection, { body }) => {
      for (const reason of new Set(Array.from(body.matchAll(/"reason":"([a-z-]+)"/g), ([, name = '']) => name))) {
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      }
      if (eventsPerSecond < Infinity || isOver) free.push(connection)
      else send(connection)
    },
    onLost: (connection) => {
      lost++
      free.push(connection)
    }
  }))
  const startedAt = performance.now()
  if (eventsPerSecond < Infinity) free.push(...all)
  else all.forEach(send)
  for (let now = 0; now < seconds * 1_000; now = performance.now() - startedAt) {
    const due = eventsPerSecond < Infinity ? Math.floor(now / 1_000 * eventsPerSecond / MEAN_EVENTS) - next : 0
    free.splice(0, Math.max(0, due)).forEach(send)
    await wait(TICK_MS)
  }
  isOver = true
  while (free.length < all.length) await wait(TICK_MS)
  for (const connection of all) connection.close()
  if (lost > 0) throw new Error(`${lost} requests had no answer`)
  return { offered, reasons }
}

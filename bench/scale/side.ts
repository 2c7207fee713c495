/* A service of the measurement: an API process, a worker process, and a Redis of their own. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { drained } from '../../rig/load/drain.ts'
import type { LoadRequest } from '../../rig/load/request.ts'
import { runLoad } from '../../rig/load/run-load.ts'
import type { Owner } from '../../rig/owner.ts'
import { exactCpuMicrosOf } from '../../rig/process/usage.ts'
import { startRedis, type RedisProcess } from '../../rig/redis.ts'
import { redisCommand } from '../../rig/redis-command.ts'
import { PRODUCTION } from '../measure-case.ts'
import { metric } from '../service.ts'
import { delivering } from '../subject/delivering.ts'
import { spillway } from '../subject/spillway.ts'
import { PARTS, type Amounts, type Figure, type Part, type Row } from './model.ts'
import { placed } from './placed.ts'
import { meansOf, requestsOf, type Setting, type SideName } from './settings.ts'

/** A finished batch is booked with the reading after it. */
const BOOKED_AFTER_MS = 250
/** Scrapes within a second share a page. */
const PAGE_MS = 1_050
const PATIENCE_MS = 20_000
const COMMAND_TIMEOUT_MS = 5_000
const PAUSED_AFTER_MS = 400
/** A little more than a loop can post, so that no request of an open loop is repeated. */
const SPARE = 1.1

export interface Side {
  /** Posts a setting, waits until all of it is processed, and returns the work and its costs. */
  readonly turn: (setting: Setting, forMs: number) => Promise<Row>
  /** Waits without any load. */
  readonly idle: (forMs: number) => Promise<Row>
  /** Posts as fast as an API process on a core of its own can, while the workers pause, and returns the rate too. */
  readonly saturate: (setting: Setting, forMs: number) => Promise<Row & { readonly perSecond: number }>
  /** Posts requests while the workers pause, and returns the work with the memory that it takes. */
  readonly store: (setting: Setting, requests: number) => Promise<Row>
}

export async function startSide (owner: Owner, name: SideName): Promise<Side> {
  const redis = await startRedis(owner, { ...PRODUCTION, appendfsync: name === 'always' ? 'always' : 'everysec' })
  const folder = join(redis.folder, 'service')
  await mkdir(folder)
  const subject = name === 'deliver' ? delivering({ capacityPerSecond: 0 }) : spillway({ hasWorker: true })
  const { ports, pids, stop } = await subject.start({ folder, redis, core: undefined })
  owner.teardown(stop)
  const url = `http://127.0.0.1:${ports.server}`
  const partPids: Record<Part, number> = { api: pids.server!, worker: pids.worker!, redis: redis.pid! }
  const everyPid = [...Object.values(pids), redis.pid!]
  const isDrained = async () => {
    await drained({ redisPath: redis.path, ...subject.queue! })
    await wait(BOOKED_AFTER_MS)
  }
  const measured = async (setting: Setting | undefined, act: () => Promise<void>): Promise<Row> => {
    const before = { ...await countsOf(url), ...await bytesOf(redis), ...cpuOf(partPids), at: performance.now() }
    await act()
    const ended = { ...cpuOf(partPids), at: performance.now(), ...await bytesOf(redis) }
    await wait(Math.max(0, before.at + PAGE_MS - performance.now()))
    const after = { ...ended, ...await countsOf(url) }
    const more = (of: keyof typeof before) => after[of] - before[of]
    const figures = { ...BYTES, api: 0, worker: 0, redis: 0 }
    for (const figure of Object.keys(figures) as (keyof typeof figures)[]) figures[figure] = more(figure)
    return {
      amounts: workOf(setting, { events: more('events'), batches: more('batches'), seconds: more('at') / 1_000 }),
      figures
    }
  }
  const post = async (setting: Setting, requests: readonly LoadRequest[], forMs: number, core?: number) => {
    const { eventsPerSecond, connections } = setting
    const { eventsPerRequest } = meansOf(setting)
    const shape = { requests, connections, eventsPerRequest, port: ports.server, watch: {}, warmUpMs: 0, measuredMs: forMs }
    const { other, failed, shed, events, seconds } = await runLoad(eventsPerSecond === undefined
      ? { kind: 'closed', ...shape }
      : {
        kind: 'open', ...shape, mostConnections: connections, patienceMs: PATIENCE_MS,
        ratePerSecond: eventsPerSecond / eventsPerRequest
      }, core)
    if (other + failed + shed > 0 || events === 0) throw new Error(`${other + failed + shed} answers are not 202`)
    return events / seconds
  }
  const paused = async (act: () => Promise<void>) => {
    await fetch(`${url}/api/v1/workers/pause`, { method: 'POST' })
    await wait(PAUSED_AFTER_MS)
    try {
      await act()
    } finally {
      await fetch(`${url}/api/v1/workers/resume`, { method: 'POST' })
    }
  }
  let turns = 0
  return {
    turn: async (setting, forMs) => {
      const { eventsPerRequest } = meansOf(setting)
      const count = Math.ceil((setting.eventsPerSecond ?? 0) / eventsPerRequest * forMs / 1_000 * SPARE)
      const requests = requestsOf(setting, count, `turn-${turns++}`)
      return await measured(setting, async () => {
        await post(setting, requests, forMs)
        await isDrained()
      })
    },
    idle: (forMs) => measured(undefined, () => wait(forMs)),
    saturate: async (setting, forMs) => {
      let perSecond = NaN
      let row: Row | undefined
      await paused(() => placed(partPids.api, everyPid, async (core) => {
        row = await measured(setting, async () => { perSecond = await post(setting, requestsOf(setting, 0, ''), forMs, core) })
      }))
      await isDrained()
      return { ...row!, perSecond }
    },
    store: async (setting, count) => {
      const requests = requestsOf(setting, count, `store-${turns++}`)
      let row: Row | undefined
      await paused(async () => {
        const before = await redis.usedMemory()
        const { amounts } = await measured(setting, async () => {
          for (let at = 0; at < count; at++) {
            const { path, headers, body } = requests[at % requests.length]!
            const { ok } = await fetch(`${url}${path}`, { method: 'POST', headers, body })
            if (!ok) throw new Error('a request to store was refused')
          }
        })
        row = { amounts, figures: { memory: await redis.usedMemory() - before } }
      })
      await isDrained()
      return row!
    }
  }
}

const BYTES = { redisIn: 0, redisOut: 0, disk: 0 }

function workOf (
  setting: Setting | undefined,
  { events, batches, seconds }: { readonly events: number, readonly batches: number, readonly seconds: number }
): Amounts {
  const { eventsPerRequest, bytes, idShare } = setting === undefined
    ? { eventsPerRequest: 1, bytes: 0, idShare: 0 }
    : meansOf(setting)
  const kilobytes = events * bytes / 1_000
  const isDelivered = setting?.side === 'deliver'
  return {
    seconds,
    requests: events / eventsPerRequest,
    batches,
    events,
    kilobytes,
    ids: events * idShare,
    deliveredBatches: isDelivered ? batches : 0,
    deliveredEvents: isDelivered ? events : 0,
    deliveredKilobytes: isDelivered ? kilobytes : 0,
    syncedBatches: setting?.side === 'always' ? batches : 0
  }
}

async function countsOf (url: string): Promise<{ events: number, batches: number }> {
  return {
    events: await metric(url, 'spillway_batch_events_sum'), batches: await metric(url, 'spillway_batch_events_count')
  }
}

function cpuOf (pids: Readonly<Record<Part, number>>): Record<Part, number> {
  return Object.fromEntries(PARTS.map((part) => [part, exactCpuMicrosOf(pids[part])])) as Record<Part, number>
}

async function bytesOf (redis: RedisProcess): Promise<Record<Extract<Figure, 'redisIn' | 'redisOut' | 'disk'>, number>> {
  const stats = await redisCommand(redis.path, 'INFO stats', COMMAND_TIMEOUT_MS)
  const persistence = await redisCommand(redis.path, 'INFO persistence', COMMAND_TIMEOUT_MS)
  return {
    redisIn: field(stats, 'total_net_input_bytes'),
    redisOut: field(stats, 'total_net_output_bytes'),
    disk: field(persistence, 'aof_current_size')
  }
}

function field (info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1])
}

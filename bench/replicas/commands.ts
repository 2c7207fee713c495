import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { withOwner } from '../../rig/owner.ts'
import { startRedis } from '../../rig/redis.ts'
import { startServer } from '../../rig/spawned-server.ts'
import { flood, THRESHOLDS } from './flood.ts'
import { portOf, startReplicas } from './start.ts'

const SETTLE_MS = 6_000
const MEASURED_MS = 10_000
/** Far below the capacity, so that the queue stays short. */
const LOAD_PER_SECOND = 400
const COMMANDS = /^cmdstat_[^:]+:calls=(\d+)/gm
const CPU = /^used_cpu_(?:sys|user):([\d.]+)/gm

/** The scripts that processes send beside those for events, by the end of their first key and its number of keys. */
const SCRIPTS = {
  readings: (key: string, keys: string) => key.endsWith(':settle-lease') || (key.endsWith(':wait') && keys === '18'),
  reports: (key: string, keys: string) => key.endsWith(':ledger') && keys === '4'
} as const

export interface CommandCost {
  /** Commands that processes send per second to read and to settle. */
  readonly readings: number
  /** The same to announce themselves and to book counts at admission. */
  readonly reports: number
  /** All others that they send. */
  readonly others: number
  /** All commands that Redis runs, with those of scripts. */
  readonly run: number
  /** Share of one core that Redis is busy. */
  readonly busyShare: number
}

/** Measures the commands of replicas and, under load, a worker. */
export async function commandsOf (replicas: number, isLoaded: boolean): Promise<CommandCost> {
  return await withOwner(async (owner) => {
    const redis = await startRedis(owner)
    const env = { ...THRESHOLDS, REDIS_URL: redis.url }
    const servers = await startReplicas(owner, replicas, env)
    if (isLoaded) await startServer(owner, { ...env, ROLE: 'worker', WITHOUT_HANDLER: 'discard' })
    const seconds = (SETTLE_MS + 2 * MEASURED_MS) / 1_000
    const load = isLoaded
      ? flood({ ports: servers.map(portOf), priorities: [4, 5, 9], seconds, eventsPerSecond: LOAD_PER_SECOND })
      : undefined
    await wait(SETTLE_MS)
    const connection = new Redis(redis.path)
    const read = async () => {
      const [stats, cpu] = [await connection.info('commandstats'), await connection.info('cpu')]
      return { run: total(stats, COMMANDS), cpu: total(cpu, CPU) }
    }
    const before = await read()
    await wait(MEASURED_MS)
    const after = await read()
    const sent = await commandsSent(connection)
    await load
    connection.disconnect()
    const perSecond = (name: keyof typeof before) => (after[name] - before[name]) * 1_000 / MEASURED_MS
    return { ...sent, run: perSecond('run'), busyShare: perSecond('cpu') }
  })
}

/** Counts what processes send, which costs Redis too much to measure anything else meanwhile. */
async function commandsSent (connection: Redis): Promise<Pick<CommandCost, 'readings' | 'reports' | 'others'>> {
  const counts = { readings: 0, reports: 0, others: 0 }
  const monitor = await connection.monitor()
  // The lines that still come when it is disconnected.
  monitor.on('error', () => {})
  monitor.on('monitor', (_time: string, [command = '', , keys = '', key = '']: string[], source: string) => {
    if (source === 'lua') return
    const isScript = command.toLowerCase() === 'evalsha'
    if (isScript && SCRIPTS.readings(key, keys)) counts.readings++
    else if (isScript && SCRIPTS.reports(key, keys)) counts.reports++
    else counts.others++
  })
  await wait(MEASURED_MS)
  monitor.disconnect()
  const perSecond = (count: number) => count * 1_000 / MEASURED_MS
  return {
    readings: perSecond(counts.readings), reports: perSecond(counts.reports), others: perSecond(counts.others)
  }
}

function total (text: string, pattern: RegExp): number {
  return Array.from(text.matchAll(pattern), ([, count]) => Number(count)).reduce((sum, count) => sum + count, 0)
}

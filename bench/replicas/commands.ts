import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { withOwner } from '../../rig/owner.ts'
import { startRedis } from '../../rig/redis.ts'
import { THRESHOLDS } from './flood.ts'
import { startReplicas } from './start.ts'

const SETTLE_MS = 6_000
const MEASURED_MS = 10_000
const SCRIPTS = /^cmdstat_evalsha:calls=(\d+)/gm
const COMMANDS = /^cmdstat_[^:]+:calls=(\d+)/gm
const CPU = /^used_cpu_(?:sys|user):([\d.]+)/gm

export interface IdleCost {
  /** Scripts that replicas send per second; they send nothing else. */
  readonly scripts: number
  /** All commands per second, with those that the scripts run. */
  readonly commands: number
  /** Share of one core that Redis is busy. */
  readonly busyShare: number
}

/** Measures the commands of replicas that nobody posts to. */
export async function commandsOf (replicas: number): Promise<IdleCost> {
  return await withOwner(async (owner) => {
    const redis = await startRedis(owner)
    await startReplicas(owner, replicas, { ...THRESHOLDS, REDIS_URL: redis.url })
    await wait(SETTLE_MS)
    const connection = new Redis(redis.path)
    const read = async () => {
      const [stats, cpu] = [await connection.info('commandstats'), await connection.info('cpu')]
      return { scripts: total(stats, SCRIPTS), commands: total(stats, COMMANDS), cpu: total(cpu, CPU) }
    }
    const before = await read()
    await wait(MEASURED_MS)
    const after = await read()
    connection.disconnect()
    const perSecond = (name: keyof typeof before) => (after[name] - before[name]) * 1_000 / MEASURED_MS
    return { scripts: perSecond('scripts'), commands: perSecond('commands'), busyShare: perSecond('cpu') }
  })
}

function total (text: string, pattern: RegExp): number {
  return Array.from(text.matchAll(pattern), ([, count]) => Number(count)).reduce((sum, count) => sum + count, 0)
}

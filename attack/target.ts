import { randomBytes } from 'node:crypto'
import { startConsumer, type Consumer } from '../rig/consumer.ts'
import { startMeteredService, type MeteredService } from '../rig/metered-service.ts'
import type { Owner } from '../rig/owner.ts'
import { memoryMiBOf } from '../rig/process/usage.ts'
import { startRedis, type RedisProcess } from '../rig/redis.ts'
import { rewrittenStart, type Rewriting } from '../rig/rewriting.ts'

const HEAP_FLAG = '--max-old-space-size=512'
const SECRET_BYTES = 24

/** The service under attack, with a Redis and a consumer of its own. */
export interface Target {
  readonly url: string
  readonly port: number
  readonly service: MeteredService
  readonly redis: RedisProcess
  readonly consumer: Consumer
  /** The value of an Authorization header of operators. */
  readonly operator: string
  /** Texts that no answer, log line or page may show. */
  readonly secrets: readonly string[]
  readonly stdout: () => string
  readonly isAlive: () => boolean
}

/** Starts the service with every secret that it can have set, and with a heap of 512 MB. */
export async function startTarget (
  owner: Owner, env: Readonly<Record<string, string>> = {}, rewriting?: Rewriting
): Promise<Target> {
  const [admin, signing, query] = [secret(), secret(), secret()]
  const redis = await startRedis(owner)
  const consumer = await startConsumer(owner, { keepsCalls: false })
  const broken = rewriting && rewrittenStart(rewriting)
  const service = await startMeteredService(owner, {
    REDIS_URL: redis.url,
    ADMIN_TOKEN: admin,
    DELIVERY_URL: `${consumer.url}?key=${query}`,
    DELIVERY_SECRET: `whsec_${Buffer.from(signing).toString('base64')}`,
    ...broken?.env,
    ...env
  }, [HEAP_FLAG, ...broken?.flags ?? []])
  let stdout = service.log.map((line) => `${JSON.stringify(line)}\n`).join('')
  service.child.stdout?.on('data', (chunk: Buffer) => { stdout += chunk.toString() })
  return {
    url: service.url,
    port: Number(new URL(service.url).port),
    service,
    redis,
    consumer,
    operator: `Bearer ${admin}`,
    secrets: [admin, signing, query, Buffer.from(signing).toString('base64')],
    stdout: () => stdout,
    isAlive: () => isAlive(service.pid)
  }
}

function secret (): string {
  return randomBytes(SECRET_BYTES).toString('hex')
}

function isAlive (pid: number): boolean {
  try {
    // A zombie has no memory.
    return memoryMiBOf(pid).rss > 0
  } catch {
    return false
  }
}

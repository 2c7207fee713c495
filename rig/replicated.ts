import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { eventually } from './eventually.ts'
import { makeFolder } from './folder.ts'
import { freePort, freePorts } from './free-port.ts'
import type { Owner } from './owner.ts'
import { startChild } from './process/child.ts'
import { redisBinary, RedisProcess, startRedis } from './redis.ts'

/** The name by which the Sentinel knows the master. */
const NAME = 'mymaster'
const HOST = '127.0.0.1'

/** Milliseconds without an answer after which the Sentinel promotes the replica. */
const DOWN_AFTER_MS = 1_000

export interface Replicated {
  readonly master: RedisProcess
  readonly masterPort: number
  readonly replica: RedisProcess
}

/** Starts a Redis with a replica that follows it, both of which sync every write. They end with their owner. */
export async function startReplicated (owner: Owner): Promise<Replicated> {
  const [masterPort, replicaPort] = await freePorts(2) as [number, number]
  // A master would wait some seconds for further replicas before it sends its data to the first.
  const common = ['--bind', HOST, '--repl-diskless-sync-delay', '0']
  const start = (port: number, ...args: string[]) =>
    startRedis(owner, { appendonly: true, extraArgs: ['--port', String(port), ...common, ...args] })
  const master = await start(masterPort)
  const replica = await start(replicaPort, '--replicaof', HOST, String(masterPort))
  const client = new Redis({ host: HOST, port: masterPort })
  client.on('error', () => {})
  try {
    await eventually('the replica has the data of its master', async () =>
      (await client.info('replication')).includes('state=online'))
  } finally {
    client.disconnect()
  }
  return { master, masterPort, replica }
}

/**
 * Starts a Sentinel that promotes the replica when the master is away. Returns the environment keys of a service that
 * uses it, once the Sentinel knows the replica.
 */
export async function startSentinel (owner: Owner, { masterPort }: Replicated): Promise<Record<string, string>> {
  const folder = await makeFolder(owner)
  const port = await freePort()
  const file = join(folder, 'sentinel.conf')
  await writeFile(file, [
    `port ${port}`, `bind ${HOST}`, `dir ${folder}`, `sentinel monitor ${NAME} ${HOST} ${masterPort} 1`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`, `sentinel failover-timeout ${NAME} ${10 * DOWN_AFTER_MS}`, ''
  ].join('\n'))
  const sentinel = startChild({ command: redisBinary(), args: [file, '--sentinel'], stdio: ['ignore', 'ignore', 'inherit'] })
  owner.teardown(() => sentinel.stop())
  const client = new Redis({ host: HOST, port })
  client.on('error', () => {})
  try {
    await eventually('the Sentinel knows the replica', async () =>
      (await client.call('SENTINEL', 'REPLICAS', NAME) as unknown[]).length === 1)
  } finally {
    client.disconnect()
  }
  return { REDIS_URL: `redis://${NAME}`, REDIS_SENTINELS: `${HOST}:${port}`, REDIS_SENTINEL_NAME: NAME }
}

import { join } from 'node:path'
import t from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startConsumer } from '../../rig/consumer.ts'
import { startServer, type SpawnedServer } from '../../rig/spawned-server.ts'
import { ClusterService } from './cluster-service.ts'
import { SteadyLoad } from './steady-load.ts'

/** How long the service in front may go on sending requests to a replica that has turned unready. */
const LAG_MS = 500

/** Much longer than the lag, as SHUTDOWN_DELAY_MS has to be. */
const DELAY_MS = 1_500

const POSTS_TO_SEE = 10

t.test('a rollout of all replicas and workers under load fails no request and loses no event', async (t) => {
  const redis = await startRedis(t)
  const consumer = await startConsumer(t)
  const service = await ClusterService.start(t, { lagMs: LAG_MS })
  // Readings may be late on a busy machine; that is not what this is about.
  const env = { REDIS_URL: redis.url, QUEUE_SAMPLE_INTERVAL_MS: '2000', DELIVERY_URL: consumer.url }
  const startApi = async (name: string, delayMs = DELAY_MS) => {
    const replica = await startServer(t, {
      ...env,
      ROLE: 'api',
      SHUTDOWN_DELAY_MS: String(delayMs),
      DATA_DIR: join(redis.folder, name)
    })
    service.add(replica.url)
    return replica
  }
  const startWorker = () => startServer(t, { ...env, ROLE: 'worker', SHUTDOWN_DELAY_MS: '0' })
  const takesRequests = async ({ url }: SpawnedServer) => {
    const before = service.requestsTo(url)
    await eventually(`${url} takes requests`, () => service.requestsTo(url) >= before + POSTS_TO_SEE)
  }
  const stop = async (process: SpawnedServer) => {
    const { code } = await process.kill('SIGTERM')
    service.remove(process.url)
    return code
  }
  const [first, second, worker] = await Promise.all([startApi('api-0'), startApi('api-1'), startWorker()])
  const load = new SteadyLoad(t, service.url)
  await Promise.all([takesRequests(first), takesRequests(second)])

  // As a Deployment does it: the new one is there before the old one goes.
  const [careless, nextWorker] = await Promise.all([startApi('api-2', 0), startWorker()])
  await takesRequests(careless)
  t.strictSame(await Promise.all([stop(first), stop(worker)]), [0, 0], 'they end by themselves')

  // As a StatefulSet does it: the old one goes first, the new one has its name and its disk.
  t.equal(await stop(second), 0)
  const last = await startApi('api-1')
  await Promise.all([takesRequests(careless), takesRequests(last)])

  await load.stop()
  t.strictSame(load.failures, [])
  t.ok(load.promised.size > load.posts, 'single events and batches')
  const missing = new Set(load.promised)
  await eventually('all that was promised is delivered', () => {
    for (const { body } of consumer.calls.splice(0)) for (const { id } of JSON.parse(body)) missing.delete(id)
    return missing.size === 0
  })

  // The reason that it works: one that goes at once, before the service in front has heard of it, breaks requests.
  const unlucky = new SteadyLoad(t, service.url)
  service.lagMs = Infinity
  await Promise.all([takesRequests(careless), takesRequests(last)])
  t.strictSame(unlucky.failures, [])
  await careless.kill('SIGTERM')
  await eventually('a request fails', () => unlucky.failures.length > 0)
  await unlucky.stop()
  t.strictSame(await Promise.all([stop(last), stop(nextWorker)]), [0, 0])
})

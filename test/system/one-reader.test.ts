/* Several API processes on one Redis, of which one reads the queue for all. */
import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { startReadyServer, type SpawnedServer } from '../../rig/spawned-server.ts'
import { startQueue, type QueueForTest } from '../services/queue/setup.ts'

const post = async ({ url }: SpawnedServer, events: number) => {
  const response = await fetch(`${url}/api/v1/events/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    // Their ids put them in different shards.
    body: JSON.stringify(Array.from({ length: events }, (_, payload) =>
      ({ type: 'a', payload, priority: 4, id: randomUUID() })))
  })
  return response.status
}
const depthOf = async ({ url }: SpawnedServer) =>
  (await (await fetch(`${url}/api/v1/metrics/queue/summary`)).json() as { queueDepth: number | null }).queueDepth
const allSee = (servers: readonly SpawnedServer[], depth: number) => eventually(`all see ${depth}`, async () =>
  (await Promise.all(servers.map(depthOf))).every((seen) => seen === depth))

const readsIn = async ({ connection }: QueueForTest) =>
  Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(await connection.info('commandstats'))?.[1])

/** Resolves once Redis runs few scripts from one look to the next: three processes that read run more. */
async function untilOneReads (queue: QueueForTest, shards = 1): Promise<void> {
  let [at, calls] = [performance.now(), await readsIn(queue)]
  await eventually('one process reads for all', async () => {
    if (performance.now() - at < 1_000) return false
    const now = await readsIn(queue)
    const perSecond = (now - calls) * 1_000 / (performance.now() - at)
    ;[at, calls] = [performance.now(), now]
    return perSecond < 30 * shards
  })
}

async function startReplicas (t: Test, shards = 1): Promise<{ queue: QueueForTest, replicas: SpawnedServer[] }> {
  const queue = await startQueue(t)
  const replicas: SpawnedServer[] = []
  for (let replica = 0; replica < 3; replica++) {
    replicas.push(await startReadyServer(t, {
      REDIS_URL: queue.redis.url, ROLE: 'api', QUEUE_SHARDS: String(shards)
    }))
  }
  return { queue, replicas }
}

for (const [signal, shards] of [['SIGKILL', 1], ['SIGSTOP', 1], ['SIGKILL', 3]] as const) {
  t.test(`when the process that reads ${shards} shards gets ${signal}, another one reads for all`, async (t) => {
    const { queue, replicas: [reader, ...others] } = await startReplicas(t, shards) as
      { queue: QueueForTest, replicas: [SpawnedServer, SpawnedServer, SpawnedServer] }
    await untilOneReads(queue, shards)
    const holder = async () => await queue.connection.get(queue.queue.keys.settleLease)
    const first = await holder()
    t.equal(await post(others[0] as SpawnedServer, 7), 202)
    await allSee([reader, ...others], 7)
    process.kill(reader.pid, signal)
    t.equal(await post(others[1] as SpawnedServer, 5), 202)
    await allSee(others, 12)
    await eventually('another has the lease', async () => ![null, first].includes(await holder()))
    await untilOneReads(queue, shards)
    t.equal(await post(others[0] as SpawnedServer, 3), 202)
    await allSee(others, 15)
    const lost = others.flatMap(({ log }) => log).filter(({ event }) => event === 'queue-unavailable')
    t.strictSame(lost, [])
    if (signal === 'SIGKILL') return
    const second = await holder()
    process.kill(reader.pid, 'SIGCONT')
    t.equal(await post(reader, 2), 202)
    await allSee([reader, ...others], 17)
    t.equal(await holder(), second, 'the one that comes back follows')
  })
}

t.test('a process that stops books what it has counted', async (t) => {
  const { queue, replicas: [, follower] } = await startReplicas(t) as
    { queue: QueueForTest, replicas: [SpawnedServer, SpawnedServer] }
  await untilOneReads(queue)
  t.equal(await post(follower, 7), 202)
  t.equal(await post(follower, 4), 202)
  await follower.kill('SIGTERM')
  const { ledger: { admission }, balance: { imbalance } } = await queue.queue.sample()
  t.match(admission.normal, { received: 11, enqueued: 11 })
  t.strictSame(imbalance, { admission: 0, queue: 0 })
})

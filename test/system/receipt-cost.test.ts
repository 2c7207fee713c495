import t from 'tap'
import { Redis } from 'ioredis'
import { startConsumer } from '../../rig/consumer.ts'
import { eventually } from '../../rig/eventually.ts'
import { startMeteredService } from '../../rig/metered-service.ts'
import { startRedis } from '../../rig/redis.ts'
import { startServer } from '../../rig/spawned-server.ts'

/** CPU time that a receipt may cost the API, and Redis. */
const MOST_CPU_MS = 100

/** CPU time that the list of dead letters may take in one turn of the event loop. */
const MOST_TURN_MS = 50

/** Just below a mebibyte of what is slow to parse. */
const PAYLOAD = `[${'[],'.repeat(90_000)}${'1,'.repeat(380_000)}1]`

t.test('a receipt of an event in a batch of large events is cheap, whatever became of it', async (t) => {
  const redis = await startRedis(t)
  const connection = new Redis(redis.path)
  t.teardown(() => connection.disconnect())
  const consumer = await startConsumer(t)
  const env = { REDIS_URL: redis.url, BATCH_MAX_BYTES: '16777216', EVENT_ATTEMPTS: '2', RETRY_BACKOFF_MS: '3600000' }
  const api = await startMeteredService(t, { ...env, ROLE: 'api' })
  const postArray = async (type: string, count: number) => {
    const body = `[${Array.from({ length: count }, () => `{"payload":${PAYLOAD},"type":"${type}"}`).join(',')}]`
    const answer = await fetch(`${api.url}/api/v1/events/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body
    })
    t.equal(answer.status, 202)
    const { results } = await answer.json() as { results: { id: string }[] }
    return results.map(({ id }) => id)
  }
  /**
   * A busy machine takes in a large array by several turns, each of which may end a batch: then another one is posted.
   */
  const postBatch = async (type: string, count: number) =>
    await eventually('its events are one batch', async () => {
      const ids = await postArray(type, count)
      return new Set(ids.map((id) => id.split('.')[0])).size === 1 && ids.at(-1) as string
    })
  const receiptOf = async (id: string) =>
    (await fetch(`${api.url}/api/v1/events/${id}`)).json() as Promise<
      { status: string, type?: string, attempt?: number }
    >
  const redisCpuMs = async () =>
    [...(await connection.info('cpu')).matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)].reduce(
      (sum, [, seconds]) => sum + Number(seconds) * 1_000,
      0
    )
  const isCheap = async (id: string, status: string, facts: object) => {
    await eventually(`the event is ${status}`, async () => (await receiptOf(id)).status === status)
    let ofRedis = Infinity
    const { cpuMs, result } = await api.measureWithin({ mostCpuMs: MOST_CPU_MS, mostTurnMs: Infinity }, async () => {
      const before = await redisCpuMs()
      const receipt = await receiptOf(id)
      ofRedis = Math.min(ofRedis, await redisCpuMs() - before)
      return receipt
    })
    t.match(result, { status, ...facts })
    t.comment(`${status}: ${cpuMs.toFixed(1)} ms of the API, ${ofRedis.toFixed(1)} ms of Redis`)
    t.ok(cpuMs < MOST_CPU_MS, `${status}: ${cpuMs} ms of the API`)
    t.ok(ofRedis < MOST_CPU_MS, `${status}: ${ofRedis} ms of Redis`)
  }

  const waiting = await postBatch('undecided', 12)
  await isCheap(waiting, 'waiting', { type: 'undecided', attempt: 1 })

  consumer.answer = ({ body }, reply) => {
    const status = body.includes('"type":"failing"') ? 'retry' : body.includes('"type":"refused"') ? 'dead' : 'done'
    const results = [...body.matchAll(/"id":"([^"]+)"/g)].map(([, id]) => ({ id, status }))
    reply.writeHead(207, { 'content-type': 'application/json' }).end(JSON.stringify({ results }))
  }
  await startServer(t, { ...env, ROLE: 'worker', DELIVERY_URL: consumer.url })
  await isCheap(waiting, 'done', {})
  await isCheap(await postBatch('failing', 3), 'retrying', { type: 'failing', attempt: 2 })
  await isCheap(await postBatch('refused', 3), 'dead-letter', { type: 'refused', reason: 'refused' })
  const bounds = { mostCpuMs: Infinity, mostTurnMs: MOST_TURN_MS }
  const { result, longestTurnMs } = await api.measureWithin(bounds, async () =>
    (await fetch(`${api.url}/api/v1/dead-letters`)).text())
  t.ok(result.length > 3 * PAYLOAD.length, 'they are listed with their payloads')
  t.ok(longestTurnMs < MOST_TURN_MS, `the list takes ${longestTurnMs} ms in one turn`)
})

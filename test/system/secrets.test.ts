import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startConsumer } from '../../rig/consumer.ts'
import { startCollector } from '../services/tracing/collector.ts'
import { eventually } from '../../rig/eventually.ts'
import { freePort } from '../../rig/free-port.ts'
import { startRedis } from '../../rig/redis.ts'
import { startServer } from '../../rig/spawned-server.ts'

/** One for each place that a secret may be in; each is searched for as it is and as base64. */
const SECRETS = {
  redis: 'pass-of-the-redis',
  signing: 'key-that-signs-deliveries',
  consumer: 'key-in-the-delivery-url',
  collector: 'key-for-the-collector',
  admin: 'token-of-the-operators',
  authorization: 'bearer-of-the-producer',
  payload: 'what-the-producer-posted'
}

t.test('no line of the log shows a secret or a payload, at any level, whatever goes wrong', async (t) => {
  const port = await freePort()
  const redis = await startRedis(t, {
    extraArgs: [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--user',
      'spill',
      'on',
      `>${SECRETS.redis}`,
      '~*',
      '&*',
      '+@all'
    ]
  })
  const collector = await startCollector(t, 401)
  const consumer = await startConsumer(t)
  // A consumer that answers with all that it was sent, as some do when something is wrong.
  const statuses: Record<string, number[]> = {
    delivered: [200],
    retried: [500, 200],
    refused: [422, 422],
    slow: [429, 200],
    listed: [207]
  }
  let outage = 5
  consumer.answer = ({ body, headers }, reply) => {
    const [{ id, type }] = JSON.parse(body) as [{ id: string, type: string }]
    const status = outage-- > 0 ? 503 : statuses[type]?.shift() ?? 200
    const echo = JSON.stringify({ body, headers, results: [{ id, status: 'dead', reason: body }] })
    reply.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' }).end(echo)
  }
  const rulesFile = join(redis.folder, 'rules.json')
  const text = (rule: object) => JSON.stringify({ rules: [rule] })
  await writeFile(
    rulesFile,
    text({
      id: 'thrower',
      types: ['thrown'],
      when: { throw: { var: 'payload.text' } },
      actions: [{ log: { level: 'error', message: 'never' } }]
    })
  )
  const server = await startServer(t, {
    ROLE: 'all',
    LOG_LEVEL: 'trace',
    RULES_FILE: rulesFile,
    RETRY_BACKOFF_MS: '1',
    EVENT_ATTEMPTS: '2',
    SHUTDOWN_DELAY_MS: '0',
    REDIS_URL: `redis://spill:${SECRETS.redis}@127.0.0.1:${port}`,
    DELIVERY_URL: `${consumer.url}?key=${SECRETS.consumer}`,
    DELIVERY_SECRET: `whsec_${Buffer.from(SECRETS.signing).toString('base64')}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${SECRETS.collector}`,
    OTEL_TRACES_SAMPLER_ARG: '1',
    ADMIN_TOKEN: SECRETS.admin
  })
  const send = (body: string) =>
    fetch(`${server.url}/api/v1/events?key=${SECRETS.authorization}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${SECRETS.authorization}` },
      body
    })
  const payload = { text: SECRETS.payload }
  const types = ['delivered', 'retried', 'refused', 'slow', 'listed', 'thrown']
  for (const type of types) t.equal((await send(JSON.stringify({ type, payload }))).status, 202, type)
  t.equal((await send(`{"type": "x", "payload": "${SECRETS.payload}`)).status, 400)
  t.equal((await send(JSON.stringify({ type: 'x', payload, [SECRETS.payload]: 1 }))).status, 400)

  const handled = (outcome: string) =>
    server.log.filter((line) => line.event === 'event-handled' && line.outcome === outcome).length
  await eventually('all have ended', () => handled('done') >= 3 && handled('dead') >= 3)
  await eventually(
    'what went wrong is told',
    () =>
      ['dead-letters', 'consumer-unavailable', 'trace-export-failed'].every((event) =>
        server.log.some((line) => line.event === event)
      )
  )
  // Redis is lost and found again: its client says hello once more.
  await redis.restart()
  await eventually('the queue is lost and found', () => server.log.some(({ event }) => event === 'queue-available'))
  t.equal((await server.kill('SIGTERM')).code, 0)

  t.ok(server.log.length > 20)
  const all = server.log.map((line) => JSON.stringify(line)).join('\n') + server.stderr()
  for (const [place, secret] of Object.entries(SECRETS)) {
    t.notOk(all.includes(secret), `nothing of ${place}`)
    t.notOk(all.includes(Buffer.from(secret).toString('base64').replace(/=+$/, '')), `nothing of ${place} as base64`)
  }
  t.match(server.log.find(({ event }) => event === 'started')?.config, {
    DELIVERY_SECRET: '***',
    OTEL_EXPORTER_OTLP_HEADERS: '***',
    REDIS_URL: `redis://***@127.0.0.1:${port}`
  })
})

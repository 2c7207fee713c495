import { once } from 'node:events'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import type { IngestReport } from '../../services/intake/ingest-report.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startReadyServer, startServer } from '../../rig/spawned-server.ts'

const LINES = 150_000
const PACED_LINES = 20_000
const LINES_PER_CHUNK = 200
const BAD_LINES = [42, 15_001, 150_000]
const MOST_GROWTH_BYTES = 150 * 1024 * 1024

/** Pieces of a stream of so many lines. */
function* lines (count: number) {
  const note = 'x'.repeat(300)
  for (let first = 1; first <= count; first += LINES_PER_CHUNK) {
    let chunk = ''
    for (let line = first; line < first + LINES_PER_CHUNK; line++) {
      chunk += BAD_LINES.includes(line)
        ? '{"type":"reading"\n'
        : `{"type":"reading","payload":{"line":${line},"values":{"temperature":21.5},"note":"${note}"}}\n`
    }
    yield chunk
  }
}

async function postStream (
  url: string,
  body: Iterable<string>
): Promise<{ status: number | undefined, report: IngestReport }> {
  const call = request(`${url}/api/v1/events/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' }
  })
  const answered = once(call, 'response')
  await pipeline(Readable.from(body), call)
  const [answer] = await answered
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += chunk
  return { status: answer.statusCode, report: JSON.parse(text) }
}

async function residentBytes (url: string): Promise<number> {
  const page = await (await fetch(`${url}/api/v1/metrics/prometheus`)).text()
  return Number(/^process_resident_memory_bytes (.+)$/m.exec(page)?.[1])
}

t.test('takes a long stream in bounded memory and names its bad lines', async (t) => {
  const redis = await startRedis(t)
  const roomy = {
    QUEUE_RECOVERY_THRESHOLD: '10000000',
    QUEUE_WARNING_THRESHOLD: '20000000',
    QUEUE_CRITICAL_THRESHOLD: '30000000',
    QUEUE_HARD_LIMIT: '40000000'
  }
  const { url } = await startReadyServer(t, { REDIS_URL: redis.url, ROLE: 'api', ...roomy })
  const before = await residentBytes(url)
  let most = before
  const look = async () => { most = Math.max(most, await residentBytes(url)) }
  const watch = setInterval(() => { look().catch(() => {}) }, 100)
  t.teardown(() => clearInterval(watch))
  const { status, report } = await postStream(url, lines(LINES))
  t.equal(status, 207)
  t.match(report, { accepted: LINES - BAD_LINES.length, shed: 0, invalid: BAD_LINES.length })
  t.strictSame(report.results.map(({ line }) => line), BAD_LINES)
  for (const { reason } of report.results) t.equal(reason, 'invalid-json')
  t.ok(most - before < MOST_GROWTH_BYTES, `memory grew by ${Math.round((most - before) / 1024 / 1024)} MiB`)
  await eventually(
    'all of it is in the queue',
    async () =>
      (await (await fetch(`${url}/api/v1/metrics/queue/summary`)).json() as { queueDepth: number }).queueDepth ===
        LINES - BAD_LINES.length
  )
})

t.test('holds a stream at the warning threshold while nothing is worked on, and goes on as the queue drains', async (t) => {
  const redis = await startRedis(t)
  const thresholds = {
    QUEUE_RECOVERY_THRESHOLD: '100',
    QUEUE_WARNING_THRESHOLD: '1000',
    QUEUE_CRITICAL_THRESHOLD: '100000',
    STREAM_PATIENCE_MS: '600000',
    QUEUE_SAMPLE_INTERVAL_MS: '100'
  }
  const { url } = await startReadyServer(t, { REDIS_URL: redis.url, ROLE: 'api', ...thresholds })
  const depth = async () =>
    (await (await fetch(`${url}/api/v1/metrics/queue/summary`)).json() as { queueDepth: number }).queueDepth
  const posted = postStream(url, lines(PACED_LINES))
  await eventually('the queue holds the warning threshold', async () => await depth() >= 1000)
  const held = await depth()
  for (let looks = 0; looks < 20; looks++) t.ok(await depth() < 1000 + 3 * LINES_PER_CHUNK * 10, 'the stream waits')
  t.ok(held < PACED_LINES)
  await startServer(t, { REDIS_URL: redis.url, ROLE: 'worker', WITHOUT_HANDLER: 'discard', ...thresholds })
  t.match(await posted, { status: 207, report: { accepted: PACED_LINES - 2, shed: 0, invalid: 2 } })
  await eventually('all of it is worked on', async () => await depth() === 0)
})

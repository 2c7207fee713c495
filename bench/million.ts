/*
 * Posts a million events in one request, to see whether memory stays bounded, what depth costs, and how many bytes of
 * Redis an event needs.
 *
 * Starts an embedded Redis and an API without a worker in a temporary folder, posts the stream over loopback, and reads
 * the metrics while all events wait. Prints the figures without a judgement.
 */
import { quantile } from './median.ts'
import { metric, postStream, print, ROOMY, withService } from './service.ts'

const EVENTS = 1_000_000
const EVENTS_PER_CHUNK = 500
const READS = 200

await withService({ ROLE: 'api', ...ROOMY }, async (url) => {
  const emptyMs = await readTimes(`${url}/api/v1/metrics/queue`)
  const before = await metric(url, 'process_resident_memory_bytes')
  let most = before
  const watch = setInterval(async () => {
    most = Math.max(most, await metric(url, 'process_resident_memory_bytes').catch(() => 0))
  }, 100)
  const report = await postStream(url, stream())
  clearInterval(watch)
  const fullMs = await readTimes(`${url}/api/v1/metrics/queue`)
  print('events posted', EVENTS)
  print('events accepted', report.accepted)
  print('growth of the memory of the API, MiB', Math.round((most - before) / 2 ** 20))
  print('GET /metrics/queue on an empty queue, p50 / p99 ms', `${emptyMs.p50} / ${emptyMs.p99}`)
  print(
    `GET /metrics/queue at depth ${await metric(url, 'rule_engine_queue_total_pending')}, p50 / p99 ms`,
    `${fullMs.p50} / ${fullMs.p99}`
  )
})

function* stream () {
  const note = 'x'.repeat(100)
  for (let first = 0; first < EVENTS; first += EVENTS_PER_CHUNK) {
    let chunk = ''
    for (let index = first; index < first + EVENTS_PER_CHUNK; index++) {
      chunk += `{"type":"telemetry-data","payload":{"deviceId":"device-${
        index % 1000
      }","values":{"temperature":21.5,"humidity":0.5},"note":"${note}"}}\n`
    }
    yield chunk
  }
}

async function readTimes (url: string): Promise<{ p50: string, p99: string }> {
  const times: number[] = []
  for (let read = 0; read < READS; read++) {
    const startedAt = performance.now()
    await (await fetch(url)).arrayBuffer()
    times.push(performance.now() - startedAt)
  }
  return { p50: quantile(times, 0.5).toFixed(1), p99: quantile(times, 0.99).toFixed(1) }
}
